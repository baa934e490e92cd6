// SPDX-License-Identifier: GPL-2.0
/* Control: dumps, whose answer an answer is, and errors that are broken. */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ctl_peer.h"

#define MANY 100000

static void *write_many(void *arg)
{
	struct peer *peer = arg;
	struct damc_route route = { .type = DAMC_ROUTE_TYPE_LOCAL };
	static uint8_t out[32768];
	uint32_t seq = peer->seq;
	struct nlmsghdr *msg;
	size_t used = 0;
	uint32_t i;

	for (i = 0; i < MANY; i++) {
		msg = reply(peer);
		msg->nlmsg_seq = seq;
		route.name.len = 5;
		route.name.wire[0] = 4;
		memcpy(&route.name.wire[1], &i, 4);
		msg->nlmsg_flags = NLM_F_MULTI | (i % 2 ? NLM_F_DUMP_INTR : 0);
		put_route(msg, &route);
		if (used + msg->nlmsg_len > sizeof(out)) {
			if (send(peer->fd, out, used, 0) < 0)
				return NULL;
			used = 0;
		}
		memcpy(out + used, msg, msg->nlmsg_len);
		used += NLMSG_ALIGN(msg->nlmsg_len);
	}
	send(peer->fd, out, used, 0);
	msg = message(peer, NLMSG_DONE);
	msg->nlmsg_seq = seq;
	mnl_nlmsg_put_extra_header(msg, sizeof(int));
	say(peer, msg);
	return NULL;
}

static int in_order(const struct damc_route *route, void *arg)
{
	uint32_t *next = arg, i;

	memcpy(&i, &route->name.wire[1], 4);
	assert_int_equal(i, *next);
	++*next;
	return 0;
}

static void test_dump_many(void **state)
{
	struct peer *peer = *state;
	pthread_t thread;
	uint32_t next = 0;

	/* It answers the request to come. */
	peer->seq = peer->ctl->seq + 1;
	pthread_create(&thread, NULL, write_many, peer);
	usleep(20000);
	assert_int_equal(damc_route_dump(peer->ctl, in_order, &next), 0);
	pthread_join(thread, NULL);
	assert_int_equal(next, MANY);
	heard(peer, DAMC_CMD_ROUTE_GET, DUMP);
}

static int stop_at_once(const struct damc_dev *dev, void *arg)
{
	(void)dev;
	++*(int *)arg;
	return -77;
}

static int count_dev(const struct damc_dev *dev, void *arg)
{
	(void)dev;
	++*(int *)arg;
	return 0;
}

static void test_dump_stopped(void **state)
{
	struct peer *peer = *state;
	int n = 0;

	say_dev(peer, 1, 1);
	say_dev(peer, 2, 1);
	say_done(peer, 0, NULL);
	assert_int_equal(damc_dev_dump(peer->ctl, stop_at_once, &n), -77);
	assert_int_equal(n, 1);
	heard(peer, DAMC_CMD_DEV_GET, DUMP);
	/* The rest was read: the next dump is not disturbed. */
	n = 0;
	say_dev(peer, 3, 1);
	say_done(peer, 0, NULL);
	assert_int_equal(damc_dev_dump(peer->ctl, count_dev, &n), 0);
	assert_int_equal(n, 1);
}

static int ask_meanwhile(const struct damc_dev *dev, void *arg)
{
	struct peer *peer = arg;

	assert_int_equal(damc_dev_set(peer->ctl, dev->ifindex, DAMC_DEV_MODE_UP), -EBUSY);
	return 0;
}

/* An answer is not read over the one that is being read. */
static void test_dump_asks(void **state)
{
	struct peer *peer = *state;
	int n = 0;

	say_dev(peer, 1, 1);
	say_dev(peer, 2, 1);
	say_done(peer, 0, NULL);
	assert_int_equal(damc_dev_dump(peer->ctl, ask_meanwhile, peer), 0);
	/* What was refused had a number, too. */
	peer->seq = peer->ctl->seq + 1;
	say_dev(peer, 3, 1);
	say_done(peer, 0, NULL);
	assert_int_equal(damc_dev_dump(peer->ctl, count_dev, &n), 0);
	assert_int_equal(n, 1);
}

static void test_dump_fails(void **state)
{
	struct peer *peer = *state;
	int n = 0;

	say_dev(peer, 1, 1);
	say_done(peer, -EPERM, "CAP_NET_ADMIN is needed");
	assert_int_equal(damc_dev_dump(peer->ctl, count_dev, &n), -EPERM);
	assert_string_equal(damc_ctl_error(peer->ctl),
			    "CAP_NET_ADMIN is needed");
	say_error(peer, -EPERM, NULL);
	assert_int_equal(damc_dev_dump(peer->ctl, count_dev, &n), -EPERM);
	assert_string_equal(damc_ctl_error(peer->ctl), "");
}

/* ---- transport ---- */

static void test_strangers(void **state)
{
	struct peer *peer = *state;
	struct nlmsghdr *msg;
	struct damc_dev dev;

	/* An answer to an older request, and one for another port. */
	peer->ctl->seq -= 5;
	say_error(peer, -EIO, "old");
	peer->ctl->seq += 5;
	msg = message(peer, NLMSG_ERROR);
	mnl_nlmsg_put_extra_header(msg, sizeof(struct nlmsgerr));
	msg->nlmsg_pid = PORT + 1;
	say(peer, msg);
	say(peer, message(peer, NLMSG_NOOP));
	say_dev(peer, 7, 1);
	say_error(peer, 0, NULL);
	assert_int_equal(damc_dev_get(peer->ctl, 7, &dev), 0);
	assert_string_equal(damc_ctl_error(peer->ctl), "");
}

static void test_broken_errors(void **state)
{
	struct peer *peer = *state;
	struct nlmsghdr *msg;
	struct nlmsgerr *error;
	char words[4000];

	memset(words, 'x', sizeof(words));
	say(peer, message(peer, NLMSG_ERROR));
	assert_int_equal(damc_dev_set(peer->ctl, 1, 1), -EBADMSG);
	say_error(peer, 5, NULL);
	assert_int_equal(damc_dev_set(peer->ctl, 1, 1), -EBADMSG);
	say(peer, message(peer, NLMSG_OVERRUN));
	say_error(peer, 0, NULL);
	assert_int_equal(damc_dev_set(peer->ctl, 1, 1), -EBADMSG);
	/* Not capped: the words stand behind the whole request. */
	msg = message(peer, NLMSG_ERROR);
	error = mnl_nlmsg_put_extra_header(msg, sizeof(*error) + 8);
	error->error = -EINVAL;
	error->msg.nlmsg_len = sizeof(error->msg) + 8;
	msg->nlmsg_flags = NLM_F_ACK_TLVS;
	mnl_attr_put_str(msg, NLMSGERR_ATTR_MSG, "behind it");
	say(peer, msg);
	assert_int_equal(damc_dev_set(peer->ctl, 1, 1), -EINVAL);
	assert_string_equal(damc_ctl_error(peer->ctl), "behind it");
	/* A request longer than the message. */
	msg = message(peer, NLMSG_ERROR);
	error = mnl_nlmsg_put_extra_header(msg, sizeof(*error));
	error->error = -EINVAL;
	error->msg.nlmsg_len = 0xfffffff0;
	msg->nlmsg_flags = NLM_F_ACK_TLVS;
	say(peer, msg);
	assert_int_equal(damc_dev_set(peer->ctl, 1, 1), -EINVAL);
	/* Words without an end, and more than there is room for. */
	msg = message(peer, NLMSG_ERROR);
	error = mnl_nlmsg_put_extra_header(msg, sizeof(*error));
	error->error = -EINVAL;
	msg->nlmsg_flags = NLM_F_ACK_TLVS | NLM_F_CAPPED;
	mnl_attr_put(msg, NLMSGERR_ATTR_MSG, sizeof(words), words);
	say(peer, msg);
	assert_int_equal(damc_dev_set(peer->ctl, 1, 1), -EINVAL);
	assert_int_equal(strlen(damc_ctl_error(peer->ctl)), 255);
	close(peer->fd);
	assert_true(damc_dev_set(peer->ctl, 1, 1) < 0);
	peer->fd = dup(0);
}

/* libmnl would take the length for a negative one, and go on behind it. */
static void test_huge_length(void **state)
{
	struct peer *peer = *state;
	struct nlmsghdr *msg = message(peer, NLMSG_NOOP);

	msg->nlmsg_len = 0x8c8c002a;
	assert_int_equal(send(peer->fd, msg, NLMSG_HDRLEN, 0), NLMSG_HDRLEN);
	assert_int_equal(damc_dev_set(peer->ctl, 1, 1), -EBADMSG);
}

static void test_family(void **state)
{
	struct peer *peer = *state;
	struct nlmsghdr *msg;

	say_error(peer, -ENOENT, NULL);
	assert_int_equal(ctl_resolve(peer->ctl), -EAFNOSUPPORT);
	msg = message(peer, GENL_ID_CTRL);
	mnl_nlmsg_put_extra_header(msg, GENL_HDRLEN);
	mnl_attr_put_u16(msg, CTRL_ATTR_FAMILY_ID, 44);
	say(peer, msg);
	say_error(peer, 0, NULL);
	assert_int_equal(ctl_resolve(peer->ctl), 0);
	assert_int_equal(peer->ctl->family, 44);
	msg = message(peer, GENL_ID_CTRL);
	mnl_nlmsg_put_extra_header(msg, GENL_HDRLEN);
	mnl_attr_put_u32(msg, CTRL_ATTR_FAMILY_ID, 44);
	say(peer, msg);
	say_error(peer, 0, NULL);
	assert_int_equal(ctl_resolve(peer->ctl), -EBADMSG);
}

/* On a machine without the module, which is where these tests run. */
static void test_no_module(void **state)
{
	struct damc_ctl *ctl;

	(void)state;
	ctl = damc_ctl_open();
	if (ctl) {
		damc_ctl_close(ctl);
		skip();
	}
	assert_int_equal(errno, EAFNOSUPPORT);
	assert_int_equal(damc_family(), -EAFNOSUPPORT);
	assert_int_equal(damc_socket(DAMC_PROTO_MESSAGE), -EAFNOSUPPORT);
	assert_null(damc_rmi_client_open(NULL));
	assert_int_equal(errno, EAFNOSUPPORT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_dump_many),
		TEST(test_dump_stopped),
		TEST(test_dump_asks),
		TEST(test_dump_fails),
		TEST(test_strangers),
		TEST(test_broken_errors),
		TEST(test_huge_length),
		TEST(test_family),
		TEST(test_no_module),
	};

	return cmocka_run_group_tests_name("ctl_dump", tests, NULL, NULL);
}
