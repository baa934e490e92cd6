// SPDX-License-Identifier: GPL-2.0
/*
 * Everything at once, for a few seconds on all processors: sockets that are
 * bound, connected, sent to and closed; routes, bindings, pools and interfaces that
 * come and go; frames that arrive, and are pinned. Passes if all ends, counts, and
 * works again; what the kernel says meanwhile is the runner's to judge.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <net/if.h>
#include <linux/genetlink.h>

#include "../kselftest_harness.h"
#include "testlib.h"

#define SECONDS 6
#define THREADS 8

struct worker {
	struct dt_node *node;
	uint64_t random;
	struct dt_nl nl;
	atomic_int *stop;
	unsigned long rounds;
	void (*round)(struct worker *worker);
	pthread_t thread;
	uint8_t buf[2048];
};

static const char * const names[] = {
	"/s", "/s/1", "/t", "/far/x", "/far/x/y", "/p/z", "/damc/node/g", "/u/v/w",
	"/pool", "/pool/1",
};

static const char *any_name(struct worker *worker)
{
	return names[dt_random(&worker->random) %
		     (sizeof(names) / sizeof(*names))];
}

/* Make a socket of some kind and name, use it, end it. */
static void round_socket(struct worker *worker)
{
	uint32_t r = dt_random(&worker->random);
	int fd = r & 1 ? dt_bound(r & 2 ? DAMC_PROTO_ECHO : 0, any_name(worker)) :
			 socket(AF_DAMC_DEFAULT, SOCK_DGRAM, 0);
	struct sockaddr_damc sa;
	int on = r >> 2 & 1, i;

	setsockopt(fd, SOL_DAMC, DAMC_RECVERR, &on, sizeof(on));
	if (r & 8)
		connect(fd, (void *)&sa, dt_addr(&sa, any_name(worker), 0));
	for (i = r >> 4 & 7; i; i--) {
		dt_send(fd, any_name(worker), worker->buf, r >> 8 & 1023);
		recv(fd, worker->buf, sizeof(worker->buf), MSG_DONTWAIT);
		recv(fd, worker->buf, sizeof(worker->buf),
		     MSG_DONTWAIT | MSG_ERRQUEUE);
	}
	close(fd);
}

/* One socket all the time, sending to whatever is there. */
static void round_send(struct worker *worker)
{
	static _Thread_local int fd;

	if (!fd)
		fd = dt_bound(0, "/sender");
	dt_send(fd, any_name(worker), worker->buf, 100);
	recv(fd, worker->buf, sizeof(worker->buf), MSG_DONTWAIT);
}

static void put_hop(struct worker *worker, struct dt_msg *msg)
{
	struct nlattr *hop = dt_nest(msg, DAMC_A_ROUTE_NEXTHOP);
	uint32_t r = dt_random(&worker->random);
	uint8_t lladdr[6] = { 2, 0, 0, 0, 0, r >> 8 & 3 };

	dt_put_u32(msg, DAMC_A_NEXTHOP_IFINDEX,
		   if_nametoindex(r & 1 ? "v0" : "w0"));
	if (r & 2)
		dt_put(msg, DAMC_A_NEXTHOP_LLADDR, lladdr, 6);
	dt_nest_end(msg, hop);
}

static void round_route(struct worker *worker)
{
	uint32_t r = dt_random(&worker->random);
	struct nlattr *nest;
	struct dt_msg msg;

	dt_msg_init(&worker->nl, &msg, DAMC_CMD_ROUTE_ADD + r % 6, 0);
	nest = dt_nest(&msg, r % 6 == 5 ? DAMC_A_LOOKUP : DAMC_A_ROUTE);
	dt_put_name(&msg, 1, any_name(worker));
	if (r % 6 < 3 && r & 64)
		put_hop(worker, &msg);
	else if (r % 6 < 3)
		dt_put_u32(&msg, DAMC_A_ROUTE_TYPE, DAMC_ROUTE_TYPE_LOCAL);
	dt_nest_end(&msg, nest);
	dt_talk(&worker->nl, &msg, NULL);
	if (r & 128)
		return;
	dt_msg_init(&worker->nl, &msg, r & 256 ? DAMC_CMD_ROUTE_GET :
						 DAMC_CMD_BIND_GET, NLM_F_DUMP);
	dt_talk(&worker->nl, &msg, NULL);
}

static void dev_set(struct worker *worker, const char *name, uint32_t mode)
{
	struct nlattr *nest;
	struct dt_msg msg;

	dt_msg_init(&worker->nl, &msg, DAMC_CMD_DEV_SET, 0);
	nest = dt_nest(&msg, DAMC_A_DEV);
	dt_put_u32(&msg, DAMC_A_DEV_IFINDEX, if_nametoindex(name));
	dt_put_u32(&msg, DAMC_A_DEV_MODE, mode);
	dt_nest_end(&msg, nest);
	dt_talk(&worker->nl, &msg, NULL);
}

static void round_dev(struct worker *worker)
{
	uint32_t r = dt_random(&worker->random);
	const char *name = r & 1 ? "v0" : "w0";
	struct nlattr *nest;
	struct dt_msg msg;

	dev_set(worker, name, r >> 8 & 3);
	dt_msg_init(&worker->nl, &msg, r & 2 ? DAMC_CMD_BIND_ADD :
					       DAMC_CMD_BIND_DEL, 0);
	nest = dt_nest(&msg, DAMC_A_BIND);
	dt_put_name(&msg, DAMC_A_BIND_NAME, any_name(worker));
	if (r & 2)
		dt_put_u32(&msg, DAMC_A_BIND_IFINDEX, if_nametoindex(name));
	dt_nest_end(&msg, nest);
	dt_talk(&worker->nl, &msg, NULL);
	usleep(r >> 16 & 4095);
}

static void put_member(struct dt_msg *msg, const char *name, uint32_t weight)
{
	struct nlattr *member = dt_nest(msg, DAMC_A_POOL_MEMBER);

	dt_put_name(msg, DAMC_A_POOL_MEMBER_NAME, name);
	dt_put_u32(msg, DAMC_A_POOL_MEMBER_WEIGHT, weight);
	dt_nest_end(msg, member);
}

/* Flows to it are pinned while it has the instance, and lose their pins. */
static void round_pool(struct worker *worker)
{
	uint32_t r = dt_random(&worker->random);
	struct nlattr *nest;
	struct dt_msg msg;

	dt_msg_init(&worker->nl, &msg, r & 1 ? DAMC_CMD_POOL_REPLACE :
					       DAMC_CMD_POOL_DEL, 0);
	nest = dt_nest(&msg, DAMC_A_POOL);
	dt_put_name(&msg, DAMC_A_POOL_NAME, "/pool");
	if (r & 2)
		put_member(&msg, "/1", r >> 2 & 1);
	dt_nest_end(&msg, nest);
	dt_talk(&worker->nl, &msg, NULL);
	usleep(r >> 16 & 1023);
}

static void round_self(struct worker *worker)
{
	uint32_t r = dt_random(&worker->random);
	struct nlattr *nest;
	struct dt_msg msg;

	dt_msg_init(&worker->nl, &msg, DAMC_CMD_INFO_SET, 0);
	nest = dt_nest(&msg, DAMC_A_INFO);
	dt_put_name(&msg, DAMC_A_INFO_NAME, r & 1 ? "/damc/node/g" :
					    r & 2 ? "/damc/node/h" : "/");
	dt_nest_end(&msg, nest);
	dt_talk(&worker->nl, &msg, NULL);
	usleep(500);
}

static void round_frame(struct worker *worker)
{
	static const uint8_t protos[] = { 1, 1, 2, 3, 5, 5, 4 };
	static const uint8_t record[34] = { DAMC_TLV_RECORD, 32 };
	uint32_t r = dt_random(&worker->random);
	uint8_t packet[1024], payload[400] = { r >> 24 & 1 };
	struct dt_packet what = {
		.dst = any_name(worker), .src = any_name(worker),
		.proto = protos[r % 7], .payload = payload, .payload_len = 150,
		.flow = r >> 12 & 15, .flags = r & 1024 ? DAMC_F_FIRST : 0,
	};

	if (r & 256) {
		what.tlvs = record;
		what.tlvs_len = sizeof(record);
		what.flags |= DAMC_F_HOP_TLV;
	}
	if (what.proto == DAMC_PROTO_ERROR)
		dt_packet_write(payload + 8, &(struct dt_packet){
			.dst = any_name(worker), .src = what.dst });
	dt_frame_send(r & 512 ? worker->node->v : worker->node->w, packet,
		      dt_packet_write(packet, &what));
}

static void *work(void *arg)
{
	struct worker *worker = arg;

	for (; !*worker->stop; worker->rounds++)
		worker->round(worker);
	return NULL;
}

static void (* const rounds[THREADS])(struct worker *worker) = {
	round_socket, round_socket, round_send, round_route, round_dev,
	round_self, round_frame, round_pool,
};

static int start(struct worker *worker, struct dt_node *node, int i,
		 uint64_t seed, atomic_int *stop)
{
	*worker = (struct worker){
		.node = node, .random = seed + i, .stop = stop,
		.round = rounds[i],
	};
	return dt_nl_open(&worker->nl) ||
	       pthread_create(&worker->thread, NULL, work, worker);
}

TEST(races)
{
	static struct worker workers[THREADS];
	static struct dt_node node;
	uint64_t seed = dt_seed();
	atomic_int stop = 0;
	int i;

	ASSERT_EQ(0, dt_node_open(&node, "up"));
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, start(&workers[i], &node, i, seed, &stop));
	sleep(SECONDS);
	stop = 1;
	for (i = 0; i < THREADS; i++) {
		ASSERT_EQ(0, pthread_join(workers[i].thread, NULL));
		EXPECT_LT(0, workers[i].rounds);
	}
	EXPECT_EQ(0, dt_stats(&node.nl, node.after));
	TH_LOG("DAMC_SEED=%#llx: rounds %lu %lu %lu %lu %lu %lu %lu %lu; %llu pins",
	       (unsigned long long)seed, workers[0].rounds, workers[1].rounds,
	       workers[2].rounds, workers[3].rounds, workers[4].rounds,
	       workers[5].rounds, workers[6].rounds, workers[7].rounds,
	       (unsigned long long)node.after[DAMC_A_STATS_PINS_MADE]);
	/* Nothing is counted twice or not at all, and all can be taken down. */
	EXPECT_EQ(0, dt_stats_balance(node.after));
	dev_set(&workers[0], "v0", DAMC_DEV_MODE_DOWN);
	dev_set(&workers[0], "w0", DAMC_DEV_MODE_DOWN);
	EXPECT_EQ(0, dt_run("test -z \"$(damc neigh show)\""));
}

TEST_HARNESS_MAIN
