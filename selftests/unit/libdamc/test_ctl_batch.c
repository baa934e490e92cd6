// SPDX-License-Identifier: GPL-2.0
/*
 * Batches of routes and what is heard of changes, against a scripted peer:
 * which request holds what, and what a refusal makes of it.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "ctl_peer.h"

/* The answer to the request begun last, or @skip later; may tell an offset. */
static void answer(struct peer *peer, unsigned int skip, int err,
		   uint32_t offset)
{
	struct nlmsghdr *msg = mnl_nlmsg_put_header(peer->buf);
	struct nlmsgerr *error;

	msg->nlmsg_type = NLMSG_ERROR;
	msg->nlmsg_seq = peer->ctl->seq + skip;
	msg->nlmsg_pid = PORT;
	msg->nlmsg_flags = NLM_F_CAPPED | NLM_F_ACK_TLVS;
	error = mnl_nlmsg_put_extra_header(msg, sizeof(*error));
	error->error = err;
	if (offset)
		mnl_attr_put_u32(msg, NLMSGERR_ATTR_OFFS, offset);
	assert_int_equal(send(peer->fd, msg, msg->nlmsg_len, 0),
			 msg->nlmsg_len);
}

/* Routes in the next request, whose command is checked; @at gets their offsets. */
static unsigned int heard_routes(struct peer *peer, uint8_t cmd, uint32_t *at)
{
	const struct nlmsghdr *msg = (void *)peer->buf;
	const struct genlmsghdr *genl;
	const struct nlattr *attr;
	unsigned int n = 0;
	ssize_t len;

	len = recv(peer->fd, peer->buf, sizeof(peer->buf), MSG_DONTWAIT);
	assert_int_equal(msg->nlmsg_len, len);
	assert_int_equal(msg->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
	genl = mnl_nlmsg_get_payload(msg);
	assert_int_equal(genl->cmd, cmd);
	assert_true(len <= DAMC_BATCH_MAX);
	mnl_attr_for_each(attr, msg, GENL_HDRLEN) {
		assert_int_equal(mnl_attr_get_type(attr), DAMC_A_ROUTE);
		if (at)
			at[n] = (const char *)attr - (const char *)msg;
		n++;
	}
	return n;
}

static struct damc_route route(unsigned int i)
{
	struct damc_route route = {
		.name = { .len = 6, .wire = { 5, 'r', 0, 0, 0, 0 } },
		.type = DAMC_ROUTE_TYPE_PROHIBIT,
	};

	memcpy(route.name.wire + 2, &i, sizeof(i));
	return route;
}

static void add(struct damc_route_batch *batch, unsigned int from,
		unsigned int n)
{
	for (; n; n--) {
		struct damc_route one = route(from++);

		assert_int_equal(damc_route_batch_add(batch, &one), 0);
	}
}

static void test_batch(void **state)
{
	struct peer *peer = *state;
	struct damc_route_batch *batch;

	batch = damc_route_batch_open(peer->ctl, DAMC_ROUTE_VERB_REPLACE);
	assert_non_null(batch);
	/* Nothing to do, nothing sent. */
	assert_int_equal(damc_route_batch_flush(batch), 0);
	add(batch, 0, 3);
	assert_int_equal(damc_route_batch_done(batch), 0);
	answer(peer, 0, 0, 0);
	assert_int_equal(damc_route_batch_flush(batch), 0);
	assert_int_equal(heard_routes(peer, DAMC_CMD_ROUTE_REPLACE, NULL), 3);
	assert_int_equal(damc_route_batch_done(batch), 3);
	assert_int_equal(damc_route_batch_refused(batch), -1);
	damc_route_batch_close(batch);
}

/* What does not fit goes in another request. */
static void test_batch_many(void **state)
{
	struct peer *peer = *state;
	struct damc_route_batch *batch;
	unsigned int n, sum = 0;

	batch = damc_route_batch_open(peer->ctl, DAMC_ROUTE_VERB_DEL);
	for (n = 0; n < 4; n++)
		answer(peer, n + 1, 0, 0);
	for (n = 0; n < 8000; n++) {
		struct damc_route one = route(n);

		assert_int_equal(damc_route_batch_add(batch, &one), 0);
		while (damc_route_batch_done(batch) > sum)
			sum += heard_routes(peer, DAMC_CMD_ROUTE_DEL, NULL);
	}
	assert_int_equal(sum, damc_route_batch_done(batch));
	assert_true(sum > 3000);
	assert_int_equal(damc_route_batch_flush(batch), 0);
	sum += heard_routes(peer, DAMC_CMD_ROUTE_DEL, NULL);
	assert_int_equal(sum, 8000);
	damc_route_batch_close(batch);
}

/* The offset says which it was, counted from the batch's beginning. */
static void test_batch_refused(void **state)
{
	struct peer *peer = *state;
	struct damc_route_batch *batch;
	const size_t name_only = MNL_ATTR_HDRLEN + MNL_ATTR_HDRLEN +
				 MNL_ALIGN(route(0).name.len);
	uint32_t at[8];

	batch = damc_route_batch_open(peer->ctl, DAMC_ROUTE_VERB_ADD);
	add(batch, 0, 2);
	answer(peer, 0, 0, 0);
	assert_int_equal(damc_route_batch_flush(batch), 0);
	assert_int_equal(heard_routes(peer, DAMC_CMD_ROUTE_ADD, at), 2);
	add(batch, 2, 5);
	/* All are alike: the first in full, of the others the names, equally long. */
	answer(peer, 0, -EEXIST, at[1] + 2 * name_only + 4);
	assert_int_equal(damc_route_batch_flush(batch), -EEXIST);
	assert_int_equal(heard_routes(peer, DAMC_CMD_ROUTE_ADD, NULL), 5);
	assert_int_equal(damc_route_batch_done(batch), 2);
	assert_int_equal(damc_route_batch_refused(batch), 5);
	/* Without an offset nobody knows, of several. */
	add(batch, 0, 2);
	answer(peer, 0, -ENOMEM, 0);
	assert_int_equal(damc_route_batch_flush(batch), -ENOMEM);
	heard_routes(peer, DAMC_CMD_ROUTE_ADD, NULL);
	assert_int_equal(damc_route_batch_refused(batch), -1);
	add(batch, 0, 1);
	answer(peer, 0, -ENOMEM, 0);
	assert_int_equal(damc_route_batch_flush(batch), -ENOMEM);
	assert_int_equal(damc_route_batch_refused(batch), 2);
	damc_route_batch_close(batch);
}

/* The type that a route of the next request says; 0: a name alone. */
static void heard_types(struct peer *peer, uint8_t cmd, uint32_t *types)
{
	const struct nlmsghdr *msg = (void *)peer->buf;
	const struct nlattr *nest, *attr;

	heard_routes(peer, cmd, NULL);
	mnl_attr_for_each(nest, msg, GENL_HDRLEN) {
		*types = 0;
		mnl_attr_for_each_nested(attr, nest)
			if (mnl_attr_get_type(attr) == DAMC_A_ROUTE_TYPE)
				*types = mnl_attr_get_u32(attr);
		types++;
	}
}

/* What is said of one need not be said again of the next, but in each request. */
static void test_batch_alike(void **state)
{
	struct peer *peer = *state;
	struct damc_route one = route(0), other = route(1);
	struct damc_route_batch *batch;
	uint32_t said[3];
	int i;

	other.type = DAMC_ROUTE_TYPE_UNREACHABLE;
	batch = damc_route_batch_open(peer->ctl, DAMC_ROUTE_VERB_ADD);
	for (i = 0; i < 2; i++) {
		assert_int_equal(damc_route_batch_add(batch, &other), 0);
		assert_int_equal(damc_route_batch_add(batch, &one), 0);
		assert_int_equal(damc_route_batch_add(batch, &one), 0);
		answer(peer, 0, 0, 0);
		assert_int_equal(damc_route_batch_flush(batch), 0);
		heard_types(peer, DAMC_CMD_ROUTE_ADD, said);
		assert_int_equal(said[0], DAMC_ROUTE_TYPE_UNREACHABLE);
		assert_int_equal(said[1], DAMC_ROUTE_TYPE_PROHIBIT);
		assert_int_equal(said[2], 0);
	}
	damc_route_batch_close(batch);
	/* To append says all. */
	batch = damc_route_batch_open(peer->ctl, DAMC_ROUTE_VERB_APPEND);
	add(batch, 0, 2);
	answer(peer, 0, 0, 0);
	assert_int_equal(damc_route_batch_flush(batch), 0);
	heard_types(peer, DAMC_CMD_ROUTE_APPEND, said);
	assert_int_equal(said[0], DAMC_ROUTE_TYPE_PROHIBIT);
	assert_int_equal(said[1], DAMC_ROUTE_TYPE_PROHIBIT);
	damc_route_batch_close(batch);
}

static void test_batch_bad_input(void **state)
{
	struct peer *peer = *state;
	struct damc_route_batch *batch;
	struct damc_route bad = { .name = { .len = DAMC_NAME_MAX + 1 } };
	struct damc_route nothing = { .name = { .len = 0 } };

	assert_null(damc_route_batch_open(peer->ctl, 99));
	assert_int_equal(errno, EINVAL);
	batch = damc_route_batch_open(peer->ctl, DAMC_ROUTE_VERB_ADD);
	assert_int_equal(damc_route_batch_add(batch, &bad), -EINVAL);
	/* It would become a route like the one before. */
	assert_int_equal(damc_route_batch_add(batch, &nothing), -EINVAL);
	add(batch, 0, 1);
	answer(peer, 0, 0, 0);
	assert_int_equal(damc_route_batch_flush(batch), 0);
	assert_int_equal(heard_routes(peer, DAMC_CMD_ROUTE_ADD, NULL), 1);
	damc_route_batch_close(batch);
	damc_route_batch_close(NULL);
}

/* ---- what is heard ---- */

static struct nlmsghdr *notice(struct peer *peer, uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *msg = mnl_nlmsg_put_header(peer->buf);
	struct genlmsghdr *genl;

	msg->nlmsg_type = FAMILY;
	msg->nlmsg_flags = flags;
	genl = mnl_nlmsg_put_extra_header(msg, sizeof(*genl));
	genl->cmd = cmd;
	return msg;
}

static void put_nth(struct nlmsghdr *msg, unsigned int i)
{
	struct damc_route one = route(i);

	one.protocol = DAMC_ROUTE_PROTOCOL_STATIC;
	ctl_route_put(msg, &one);
}

struct told {
	unsigned int n;
	struct damc_event last;
	int stop;
};

static int hear(const struct damc_event *event, void *arg)
{
	struct told *heard = arg;

	heard->n++;
	heard->last = *event;
	return heard->stop;
}

static void test_event_routes(void **state)
{
	struct peer *peer = *state;
	struct told heard = { 0 };
	struct nlmsghdr *msg;
	struct damc_route want = route(2);

	msg = notice(peer, DAMC_CMD_ROUTE_DEL_NTF, 0);
	put_nth(msg, 1);
	put_nth(msg, 2);
	assert_int_equal(ctl_event(msg, hear, &heard), 0);
	assert_int_equal(heard.n, 2);
	assert_int_equal(heard.last.object, DAMC_OBJECT_ROUTE);
	assert_true(heard.last.deleted);
	assert_true(damc_name_equal(&heard.last.route.name, &want.name));
	msg = notice(peer, DAMC_CMD_ROUTE_NTF, NLM_F_CREATE | NLM_F_EXCL);
	put_nth(msg, 1);
	put_nth(msg, 2);
	heard.stop = -ECANCELED;
	heard.n = 0;
	assert_int_equal(ctl_event(msg, hear, &heard), -ECANCELED);
	assert_int_equal(heard.n, 1);
	assert_false(heard.last.deleted);
	assert_int_equal(heard.last.flags, NLM_F_CREATE | NLM_F_EXCL);
}

static void test_event_broken(void **state)
{
	struct peer *peer = *state;
	struct told heard = { 0 };
	struct nlmsghdr *msg;

	/* A newer module's: passed over. */
	msg = notice(peer, 250, 0);
	assert_int_equal(ctl_event(msg, hear, &heard), 0);
	msg = notice(peer, DAMC_CMD_DEV_NTF, 0);
	assert_int_equal(ctl_event(msg, hear, &heard), -EBADMSG);
	msg = notice(peer, DAMC_CMD_ROUTE_NTF, 0);
	mnl_attr_put(msg, DAMC_A_ROUTE | NLA_F_NESTED, 3, "abc");
	assert_int_equal(ctl_event(msg, hear, &heard), -EBADMSG);
	msg = notice(peer, DAMC_CMD_ROUTE_NTF, 0);
	msg->nlmsg_len = NLMSG_HDRLEN;
	assert_int_equal(ctl_event(msg, hear, &heard), -EBADMSG);
	assert_int_equal(heard.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_batch),
		TEST(test_batch_many),
		TEST(test_batch_refused),
		TEST(test_batch_alike),
		TEST(test_batch_bad_input),
		TEST(test_event_routes),
		TEST(test_event_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
