// SPDX-License-Identifier: GPL-2.0
/*
 * Notifications: each change is told once, in order, as `get` would show it;
 * what is refused is not; who may listen; namespaces do not hear each other.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/capability.h>
#include <linux/genetlink.h>
#include <sys/syscall.h>
#include <linux/damc_netlink.h>

#include "../kselftest_harness.h"
#include "ear.h"
#include "spec_gen.h"
#include "testlib.h"

#define SAME_MAX 8192

/* Seconds; emulation with sanitizers is slow. */
#define LONG 200

FIXTURE(notify) {
	struct dt_nl nl, ear;
	int net;
	uint32_t v0, e0;
};

FIXTURE_SETUP(notify)
{
	self->net = dt_netns_new();
	ASSERT_GE(self->net, 0);
	ASSERT_EQ(0, dt_ip("link set lo up\n"
			   "link add v0 type veth peer name v1\n"
			   "link add e0 type veth peer name e1\n"));
	self->v0 = if_nametoindex("v0");
	self->e0 = if_nametoindex("e0");
	ASSERT_EQ(0, dt_nl_open(&self->nl));
	ASSERT_EQ(0, ear_open(&self->ear));
}

FIXTURE_TEARDOWN(notify)
{
	close(self->nl.fd);
	close(self->ear.fd);
}

/* What was heard since, with %d for v0's or e0's index. */
#define EXPECT_HEARD(format, ...) do { \
	char want_[1024]; \
	snprintf(want_, sizeof(want_), format, ##__VA_ARGS__); \
	EXPECT_STREQ(want_, ear_text(&self->ear)); \
} while (0)

#define MUST(commands) ASSERT_EQ(0, dt_damc(commands "\n"))
#define REFUSED(commands) ASSERT_EQ(0, dt_damc_refused(commands "\n"))

TEST_F_TIMEOUT(notify, each_change, LONG)
{
	MUST("dev set v0 up");
	EXPECT_HEARD("dev+%u ", self->v0);
	MUST("dev set v0 uplink");
	EXPECT_HEARD("dev+%u ", self->v0);
	MUST("dev set v0 up");
	EXPECT_HEARD("dev+%u ", self->v0);
	MUST("dev set e0 edge");
	EXPECT_HEARD("dev+%u ", self->e0);
	MUST("info set name /self");
	EXPECT_HEARD("route+/self info+0 ");
	MUST("info set name /other");
	EXPECT_HEARD("route+/other route-/self info+0 ");
	MUST("neigh add dev v0 lladdr 02:00:00:00:00:01");
	EXPECT_HEARD("neigh+1 ");
	MUST("route add /r dev v0 lladdr 02:00:00:00:00:01");
	EXPECT_HEARD("route+/r ");
	MUST("route append /r dev v0");
	EXPECT_HEARD("neigh+2 route+/r ");
	MUST("neigh add dev v0");
	EXPECT_HEARD("neigh+2 ");
	MUST("route replace /r prohibit");
	EXPECT_HEARD("route+/r ");
	MUST("route del /r");
	EXPECT_HEARD("route-/r ");
	MUST("neigh del dev v0 lladdr 02:00:00:00:00:01");
	EXPECT_HEARD("neigh-1 ");
	MUST("bind add /pod dev e0");
	EXPECT_HEARD("neigh+3 route+/pod bind+/pod ");
	MUST("bind del /pod");
	EXPECT_HEARD("route-/pod neigh-3 bind-/pod ");
}

TEST_F_TIMEOUT(notify, sockets, LONG)
{
	struct sockaddr_damc sa;
	socklen_t len;
	int fd;

	MUST("info set name /self");
	ear_text(&self->ear);
	fd = dt_bound(0, "/svc");
	ASSERT_LE(0, fd);
	EXPECT_HEARD("route+/svc bind+/svc ");
	close(fd);
	EXPECT_HEARD("route-/svc bind-/svc ");
	/* An unbound one has a name, and no route. */
	fd = socket(AF_DAMC_DEFAULT, SOCK_DGRAM, 0);
	len = dt_addr(&sa, "/svc", 0);
	ASSERT_EQ(0, connect(fd, (void *)&sa, len));
	EXPECT_EQ(0, strncmp(ear_text(&self->ear), "bind+/self/~", 12));
	close(fd);
	EXPECT_EQ(0, strncmp(ear_text(&self->ear), "bind-/self/~", 12));
}

TEST_F_TIMEOUT(notify, what_goes_with_an_interface, LONG)
{
	MUST("dev set v0 up\nroute add /a dev v0\n"
	     "neigh add dev v0 lladdr 02:00:00:00:00:01");
	ear_text(&self->ear);
	MUST("dev set v0 down");
	EXPECT_HEARD("route-/a neigh-1 neigh-2 dev-%u ", self->v0);
	MUST("dev set v0 up\ndev set e0 up\nroute add /a dev v0\nroute append /a dev e0");
	ear_text(&self->ear);
	ASSERT_EQ(0, dt_run("ip link del v0"));
	EXPECT_HEARD("route+/a neigh-3 dev-%u ", self->v0);
}

/* What is enabled tells of it, and its neighbours: theirs is the same. */
TEST_F_TIMEOUT(notify, mtu, LONG)
{
	MUST("dev set v0 up\nroute add /a dev v0\n"
	     "neigh add dev v0 lladdr 02:00:00:00:00:01");
	ear_text(&self->ear);
	ASSERT_EQ(0, dt_run("ip link set v0 mtu 1400"));
	EXPECT_HEARD("dev+%u neigh+1 neigh+2 ", self->v0);
	EXPECT_EQ(0, dt_run("test $(damc neigh | grep -c 'mtu 1400') = 2"));
	EXPECT_EQ(0, dt_run("damc dev | grep -q 'mtu 1400'"));
	ASSERT_EQ(0, dt_run("ip link set v0 mtu 1400"));
	ASSERT_EQ(0, dt_run("ip link set e0 mtu 1300"));
	EXPECT_HEARD("%s", "");
}

TEST_F_TIMEOUT(notify, udp_port, LONG)
{
	MUST("info set udp-port 3625");
	EXPECT_HEARD("info+0 ");
	MUST("info set udp-port 3625");
	EXPECT_HEARD("%s", "");
	MUST("route add /u udp 127.0.0.2");
	EXPECT_HEARD("neigh+1 route+/u ");
	REFUSED("info set udp-port 3626");
	EXPECT_HEARD("%s", "");
	MUST("info set udp-port off");
	EXPECT_HEARD("route-/u neigh-1 info+0 ");
	MUST("info set udp-port off");
	EXPECT_HEARD("%s", "");
}

TEST_F_TIMEOUT(notify, nothing_of_what_is_refused, LONG)
{
	char name[] = "/d/d/d/d/d/d/d/d/d";
	int fd;

	MUST("info set name /self\ndev set v0 up\ndev set e0 edge\n"
	     "route add /r dev v0\nbind add /pod dev e0\n"
	     "route add /d/d/d prohibit\nroute add /d/d/d/d prohibit\n"
	     "route add /d/d prohibit\nroute add /d/d/d/d/d prohibit\n"
	     "route add /d/d/d/d/d/d prohibit\nroute add /d/d/d/d/d/d/d prohibit\n"
	     "route add /d/d/d/d/d/d/d/d prohibit");
	ear_text(&self->ear);
	REFUSED("dev set lo up");
	REFUSED("dev set v0 edge");
	REFUSED("info set name /r");
	REFUSED("route add /r dev v0");
	REFUSED("route add /self dev v0 lladdr 02:00:00:00:00:09");
	REFUSED("route append /r prohibit");
	REFUSED("route replace /pod dev v0 lladdr 02:00:00:00:00:09");
	REFUSED("route del /none");
	REFUSED("route del /self");
	REFUSED("neigh del dev v0");
	REFUSED("neigh del dev v0 lladdr 02:00:00:00:00:09");
	REFUSED("bind add /r dev e0");
	REFUSED("bind add /pod dev e0");
	REFUSED("bind del /none");
	/* Its neighbour is made before the name turns out to be too deep. */
	REFUSED("route add /d/d/d/d/d/d/d/d/d dev v0 lladdr 02:00:00:00:00:09");
	fd = dt_bound(0, "/pod");
	EXPECT_EQ(-1, fd);
	fd = dt_bound(0, name);
	EXPECT_EQ(-1, fd);
	MUST("dev set v0 up");
	MUST("info set name /self");
	EXPECT_HEARD("%s", "");
}

struct same {
	size_t len;
	uint8_t bytes[SAME_MAX];
};

static void keep_bytes(const struct nlmsghdr *nlh, void *arg)
{
	struct same *same = arg;

	same->len = nlh->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
	if (same->len <= SAME_MAX)
		memcpy(same->bytes, (const char *)nlh + NLMSG_HDRLEN + GENL_HDRLEN,
		       same->len);
}

/* The last message heard has the attributes that a get answers. */
static bool told_as_got(struct dt_nl *ear, struct dt_nl *nl, struct dt_msg *msg)
{
	static struct same heard, got;

	heard.len = 0;
	got.len = 0;
	if (ear_each(ear, keep_bytes, &heard) <= 0 ||
	    dt_each(nl, msg, keep_bytes, &got))
		return false;
	return heard.len && heard.len == got.len &&
	       !memcmp(heard.bytes, got.bytes, got.len);
}

static struct dt_msg *ask(struct dt_nl *nl, uint8_t cmd, uint16_t type,
			  uint16_t key, const char *name, uint32_t value)
{
	static struct dt_msg msg;
	struct nlattr *nest;

	dt_msg_init(nl, &msg, cmd, 0);
	if (!type)
		return &msg;
	nest = dt_nest(&msg, type);
	if (name)
		dt_put_name(&msg, key, name);
	else
		dt_put_u32(&msg, key, value);
	dt_nest_end(&msg, nest);
	return &msg;
}

TEST_F_TIMEOUT(notify, content_is_that_of_get, LONG)
{
	struct dt_nl *nl = &self->nl;

#define TOLD(cmd, type, key, name, value) \
	EXPECT_TRUE(told_as_got(&self->ear, nl, \
				ask(nl, cmd, type, key, name, value)))
	MUST("dev set v0 up");
	TOLD(DAMC_CMD_DEV_GET, DAMC_A_DEV, DAMC_A_DEV_IFINDEX, NULL, self->v0);
	MUST("neigh add dev v0 lladdr 02:00:00:00:00:01");
	TOLD(DAMC_CMD_NEIGH_GET, DAMC_A_NEIGH, DAMC_A_NEIGH_ID, NULL, 1);
	MUST("route add /r dev v0 lladdr 02:00:00:00:00:01");
	MUST("route append /r dev v0 weight 9");
	TOLD(DAMC_CMD_ROUTE_GET, DAMC_A_ROUTE, DAMC_A_ROUTE_NAME, "/r", 0);
	MUST("dev set e0 edge\nbind add /pod dev e0");
	TOLD(DAMC_CMD_BIND_GET, DAMC_A_BIND, DAMC_A_BIND_NAME, "/pod", 0);
	MUST("info set name /self");
	TOLD(DAMC_CMD_INFO_GET, 0, 0, NULL, 0);
	ASSERT_LE(0, dt_bound(DAMC_PROTO_ECHO, "/svc"));
	TOLD(DAMC_CMD_BIND_GET, DAMC_A_BIND, DAMC_A_BIND_NAME, "/svc", 0);
#undef TOLD
}

static bool deleted_as_got(struct dt_nl *ear, struct dt_nl *nl,
			   struct dt_msg *msg, const char *command)
{
	static struct same heard, got;

	ear_text(ear);
	if (dt_each(nl, msg, keep_bytes, &got) || dt_damc(command) ||
	    ear_each(ear, keep_bytes, &heard) <= 0)
		return false;
	return heard.len == got.len && !memcmp(heard.bytes, got.bytes, got.len);
}

TEST_F_TIMEOUT(notify, deleted_as_it_was, LONG)
{
	struct dt_nl *nl = &self->nl;

#define GONE(cmd, type, key, name, value, command) \
	EXPECT_TRUE(deleted_as_got(&self->ear, nl, \
				   ask(nl, cmd, type, key, name, value), \
				   command "\n"))
	MUST("dev set v0 up\nneigh add dev v0 lladdr 02:00:00:00:00:01\n"
	     "route add /r dev v0 lladdr 02:00:00:00:00:01\n"
	     "dev set e0 edge\nbind add /pod dev e0");
	GONE(DAMC_CMD_ROUTE_GET, DAMC_A_ROUTE, DAMC_A_ROUTE_NAME, "/r", 0,
	     "route del /r");
	GONE(DAMC_CMD_NEIGH_GET, DAMC_A_NEIGH, DAMC_A_NEIGH_ID, NULL, 1,
	     "neigh del id 1");
	GONE(DAMC_CMD_BIND_GET, DAMC_A_BIND, DAMC_A_BIND_NAME, "/pod", 0,
	     "bind del /pod");
	GONE(DAMC_CMD_DEV_GET, DAMC_A_DEV, DAMC_A_DEV_IFINDEX, NULL, self->v0,
	     "dev set v0 down");
#undef GONE
}

static int drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {};

	return syscall(SYS_capset, &header, data);
}

/* Names are not for everyone to see. */
TEST_F_TIMEOUT(notify, who_may_listen, LONG)
{
	struct dt_nl nl;
	size_t i;

	ASSERT_EQ(0, drop_capabilities());
	ASSERT_EQ(0, dt_nl_open(&nl));
	for (i = 0; i < sizeof(spec_groups) / sizeof(*spec_groups); i++)
		EXPECT_EQ(spec_groups[i].admin ? -EPERM : 0,
			  dt_join(&nl, spec_groups[i].name)) {
			TH_LOG("%s", spec_groups[i].name);
		}
}

/* Root of a namespace that an ordinary user made hears what is its own. */
TEST(user_namespace)
{
	struct dt_nl ear, nl;
	struct nlattr *nest;
	struct dt_msg msg;

	ASSERT_EQ(0, setgid(65534));
	ASSERT_EQ(0, setuid(65534));
	ASSERT_EQ(0, unshare(CLONE_NEWUSER | CLONE_NEWNET));
	ASSERT_EQ(0, ear_open(&ear));
	ASSERT_EQ(0, dt_nl_open(&nl));
	dt_msg_init(&nl, &msg, DAMC_CMD_ROUTE_ADD, 0);
	nest = dt_nest(&msg, DAMC_A_ROUTE);
	dt_put_name(&msg, DAMC_A_ROUTE_NAME, "/mine");
	dt_put_u32(&msg, DAMC_A_ROUTE_TYPE, DAMC_ROUTE_TYPE_PROHIBIT);
	dt_nest_end(&msg, nest);
	ASSERT_EQ(0, dt_talk(&nl, &msg, NULL));
	EXPECT_STREQ("route+/mine ", ear_text(&ear));
}

TEST_F_TIMEOUT(notify, namespaces_apart, LONG)
{
	struct dt_nl other;
	int net;

	net = dt_netns_new();
	ASSERT_LE(0, net);
	ASSERT_EQ(0, ear_open(&other));
	MUST("info set name /there\nroute add /r prohibit");
	EXPECT_STREQ("route+/there info+0 route+/r ", ear_text(&other));
	EXPECT_HEARD("%s", "");
	ASSERT_EQ(0, dt_netns_enter(self->net));
	MUST("route add /here prohibit");
	EXPECT_HEARD("route+/here ");
	EXPECT_STREQ("", ear_text(&other));
}

/* Who is too slow is told so, and hears on. */
TEST_F_TIMEOUT(notify, too_slow, LONG)
{
	struct dt_nl slow;
	int size = 4096, i;

	ASSERT_EQ(0, dt_nl_open(&slow));
	ASSERT_EQ(0, setsockopt(slow.fd, SOL_SOCKET, SO_RCVBUF, &size,
				sizeof(size)));
	ASSERT_EQ(0, dt_join(&slow, DAMC_MCGRP_ROUTE));
	for (i = 0; i < 20; i++)
		MUST("route replace /r prohibit");
	EXPECT_STREQ("(lost)", ear_text(&slow));
	ear_text(&slow);
	ear_text(&slow);
	MUST("route del /r");
	EXPECT_STREQ("route-/r ", ear_text(&slow));
}

TEST_HARNESS_MAIN
