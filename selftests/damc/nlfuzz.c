// SPDX-License-Identifier: GPL-2.0
/*
 * Mutated requests of every command. Whatever they are, each is answered, a
 * model made of what the family tells equals what it dumps, and all of it can be
 * taken away after. That the kernel reported nothing is the runner's to say.
 *
 * DAMC_SEED replays a run, DAMC_NLFUZZ sets its number of requests.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/genetlink.h>
#include <linux/damc_netlink.h>

#include "../kselftest_harness.h"
#include "ear.h"
#include "spec_gen.h"
#include "testlib.h"

#define REQUESTS 20000
#define SECONDS 60
#define CHECK_EVERY 250
#define OBJECTS_MAX 8192
#define N_OPS (sizeof(spec_ops) / sizeof(*spec_ops))

/* One object: what it is known by, and all that is said of it. */
struct object {
	uint16_t kind;
	uint16_t key_len, len;
	uint8_t key[DAMC_NAME_MAX], bytes[2048];
};

struct model {
	int n, lost;
	struct object objects[OBJECTS_MAX];
};

static struct model heard, dumped;

/* How each kind is dumped, told of, and known. */
static const struct kind {
	uint8_t get, ntf, del_ntf;
	uint16_t nest, key;
} kinds[] = {
	{ DAMC_CMD_DEV_GET, DAMC_CMD_DEV_NTF, DAMC_CMD_DEV_DEL_NTF,
	  DAMC_A_DEV, DAMC_A_DEV_IFINDEX },
	{ DAMC_CMD_NEIGH_GET, DAMC_CMD_NEIGH_NTF, DAMC_CMD_NEIGH_DEL_NTF,
	  DAMC_A_NEIGH, DAMC_A_NEIGH_ID },
	{ DAMC_CMD_ROUTE_GET, DAMC_CMD_ROUTE_NTF, DAMC_CMD_ROUTE_DEL_NTF,
	  DAMC_A_ROUTE, DAMC_A_ROUTE_NAME },
	{ DAMC_CMD_BIND_GET, DAMC_CMD_BIND_NTF, DAMC_CMD_BIND_DEL_NTF,
	  DAMC_A_BIND, DAMC_A_BIND_NAME },
	{ DAMC_CMD_SET_GET, DAMC_CMD_SET_NTF, DAMC_CMD_SET_DEL_NTF,
	  DAMC_A_SET, DAMC_A_SET_ID },
	{ DAMC_CMD_POLICY_GET, DAMC_CMD_POLICY_NTF, DAMC_CMD_POLICY_DEL_NTF,
	  DAMC_A_POLICY, DAMC_A_POLICY_ID },
};

#define N_KINDS (sizeof(kinds) / sizeof(*kinds))

static struct object *model_find(struct model *model, uint16_t kind,
				 const void *key, size_t len)
{
	struct object *object = model->objects;

	for (; object < model->objects + model->n; object++)
		if (object->kind == kind && object->key_len == len &&
		    !memcmp(object->key, key, len))
			return object;
	return NULL;
}

static void model_set(struct model *model, uint16_t kind,
		      const struct nlattr *nest, const struct nlattr *key)
{
	size_t key_len = key->nla_len - NLA_HDRLEN, len = nest->nla_len;
	struct object *object;

	object = model_find(model, kind, key + 1, key_len);
	if (!object && model->n < OBJECTS_MAX)
		object = &model->objects[model->n++];
	if (!object || key_len > sizeof(object->key) ||
	    len > sizeof(object->bytes)) {
		model->lost++;
		return;
	}
	object->kind = kind;
	object->key_len = key_len;
	memcpy(object->key, key + 1, key_len);
	object->len = len;
	memcpy(object->bytes, nest, len);
}

static void model_drop(struct model *model, uint16_t kind,
		       const struct nlattr *key)
{
	struct object *object = model_find(model, kind, key + 1,
					   key->nla_len - NLA_HDRLEN);

	/* The end of what never began is as wrong as the opposite. */
	if (object)
		*object = model->objects[--model->n];
	else
		model->lost++;
}

static const struct kind *kind_of(uint8_t cmd)
{
	size_t i;

	for (i = 0; i < N_KINDS; i++)
		if (cmd == kinds[i].get || cmd == kinds[i].ntf ||
		    cmd == kinds[i].del_ntf)
			return &kinds[i];
	return NULL;
}

static void take(const struct nlmsghdr *nlh, void *arg)
{
	const struct genlmsghdr *genl = NLMSG_DATA(nlh);
	const struct kind *kind = kind_of(genl->cmd);
	const struct nlattr *nest = NULL, *key;
	struct model *model = arg;

	while (kind && (nest = ear_next(nlh, kind->nest, nest))) {
		key = ear_inner(nest, kind->key);
		if (!key)
			model->lost++;
		else if (genl->cmd == kind->del_ntf)
			model_drop(model, kind->nest, key);
		else
			model_set(model, kind->nest, nest, key);
	}
}

static int dump_all(struct dt_nl *nl, struct model *model)
{
	struct dt_msg msg;
	size_t i;
	int err = 0;

	memset(model, 0, offsetof(struct model, objects));
	for (i = 0; !err && i < N_KINDS; i++) {
		dt_msg_init(nl, &msg, kinds[i].get, NLM_F_DUMP);
		err = dt_each(nl, &msg, take, model);
	}
	return err;
}

static bool same_models(void)
{
	const struct object *got, *want = dumped.objects;

	if (heard.n != dumped.n || heard.lost || dumped.lost)
		return false;
	for (; want < dumped.objects + dumped.n; want++) {
		got = model_find(&heard, want->kind, want->key, want->key_len);
		if (!got || got->len != want->len ||
		    memcmp(got->bytes, want->bytes, got->len))
			return false;
	}
	return true;
}

/* Whether an attribute of a route or a set is a next hop by this neighbour. */
static bool is_hop(const struct nlattr *attr, uint16_t kind, uint64_t id)
{
	uint16_t type = attr->nla_type & NLA_TYPE_MASK;
	const struct nlattr *hop_id;

	if (kind == DAMC_A_ROUTE ? type != DAMC_A_ROUTE_NEXTHOP :
	    type != DAMC_A_SET_NEXTHOP && type != DAMC_A_SET_BACKUP)
		return false;
	hop_id = ear_inner(attr, DAMC_A_NEXTHOP_NEIGH_ID);
	return hop_id && dt_uint(hop_id) == id;
}

/* Whether a route or a set in the model leads to a neighbour. */
static bool is_used(uint64_t id)
{
	const struct object *object = dumped.objects;
	const struct nlattr *attr, *nest;

	for (; object < dumped.objects + dumped.n; object++) {
		if (object->kind != DAMC_A_ROUTE && object->kind != DAMC_A_SET)
			continue;
		nest = (const void *)object->bytes;
		for (attr = NULL; (attr = dt_next(nest, attr));)
			if (is_hop(attr, object->kind, id))
				return true;
	}
	return false;
}

static void count_idle(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *nest = ear_attr(nlh, DAMC_A_NEIGH);
	const struct nlattr *state = ear_attr(nlh, DAMC_A_NEIGH_STATE);
	int *idle = arg;

	if (!nest || !state ||
	    (!(dt_uint(ear_inner(state, DAMC_A_NEIGH_STATE_FLAGS)) &
	       DAMC_NEIGH_FLAGS_PERMANENT) &&
	     !is_used(dt_uint(ear_inner(nest, DAMC_A_NEIGH_ID)))))
		(*idle)++;
}

static int count_kind(uint16_t kind)
{
	int i, n = 0;

	for (i = 0; i < dumped.n; i++)
		n += dumped.objects[i].kind == kind;
	return n;
}

static bool counts_agree(struct dt_nl *nl)
{
	const struct nlattr *state;
	struct dt_msg msg, reply;

	dt_msg_init(nl, &msg, DAMC_CMD_INFO_GET, 0);
	if (dt_talk(nl, &msg, &reply))
		return false;
	state = dt_reply_find(&reply, DAMC_A_INFO_STATE);
	return state &&
	       count_kind(DAMC_A_ROUTE) ==
			dt_uint(ear_inner(state, DAMC_A_INFO_STATE_ROUTES)) &&
	       count_kind(DAMC_A_BIND) ==
			dt_uint(ear_inner(state, DAMC_A_INFO_STATE_BINDS)) &&
	       count_kind(DAMC_A_NEIGH) ==
			dt_uint(ear_inner(state, DAMC_A_INFO_STATE_NEIGHS));
}

/* NULL, or what does not agree. */
static const char *check(struct dt_nl *nl, struct dt_nl *ear)
{
	struct dt_msg msg;
	int idle = 0;

	/* A policy may end by itself between the one and the other. */
	do {
		if (ear_each(ear, take, &heard) < 0)
			return "hearing";
		if (dump_all(nl, &dumped))
			return "dumping";
	} while (dt_readable(ear->fd, 0));
	if (!same_models())
		return "what was told and what is dumped";
	if (!counts_agree(nl))
		return "numbers of objects";
	dt_msg_init(nl, &msg, DAMC_CMD_NEIGH_GET, NLM_F_DUMP);
	if (dt_each(nl, &msg, count_idle, &idle) || idle)
		return "a neighbour that nobody wants";
	return NULL;
}

static const char * const names[] = {
	"/", "/r", "/a/b", "/a/b/c", "/self", "/pod", "/damc/node/x",
	"/damc/host/y", "/a/a/a/a/a/a/a/a/a", "/svc",
};

/* A value that a field may have, at an end of its range, or just beyond. */
static uint32_t random_value(const struct spec_attr *attr, uint64_t *random)
{
	uint32_t r = dt_random(random);

	switch (r % 8) {
	case 0:
		return attr->least;
	case 1:
		return attr->most;
	case 2:
		return attr->least - 1;
	case 3:
		return attr->most + 1;
	case 4:
		return r;
	default:
		return attr->least + (r >> 8) % 8;
	}
}

static void put_binary(struct dt_msg *msg, const struct spec_attr *attr,
		       uint64_t *random)
{
	static const size_t lens[] = { 6, 6, 6, 4, 4, 16, 0, 1, 5, 33, 113 };
	uint8_t bytes[128] = { 2, 0, 0, 0, 0, 1 };
	uint32_t r = dt_random(random);

	bytes[5] = r >> 16 & 3;
	if (attr->most >= 100 && r % 16)
		dt_put_name(msg, attr->type, names[(r >> 8) % 10]);
	else if (attr->most == DAMC_INET_ADDR_MAX && r % 8)
		dt_put(msg, attr->type, (uint8_t[]){ 127, 0, 0, 2 + (r >> 30) }, 4);
	else
		dt_put(msg, attr->type, bytes, lens[(r >> 8) % 11]);
}

static void put_set(struct dt_msg *msg, const struct spec_set *set,
		    uint64_t *random, int depth);

static void put_attr(struct dt_msg *msg, const struct spec_attr *attr,
		     uint64_t *random, int depth)
{
	struct nlattr *nest;

	if (attr->kind == NL_ATTR_TYPE_NESTED) {
		nest = dt_nest(msg, attr->type);
		put_set(msg, attr->nest, random, depth + 1);
		dt_nest_end(msg, nest);
	} else if (attr->kind == NL_ATTR_TYPE_BINARY) {
		put_binary(msg, attr, random);
	} else {
		dt_put_u32(msg, attr->type, random_value(attr, random));
	}
}

/* Each attribute mostly as likely as not; nests up to four times. */
static void put_set(struct dt_msg *msg, const struct spec_set *set,
		    uint64_t *random, int depth)
{
	const struct spec_attr *attr;
	int n;

	for (attr = set->attrs; attr->name; attr++) {
		n = dt_random(random) % 2;
		if (attr->kind == NL_ATTR_TYPE_NESTED)
			n = depth ? dt_random(random) % 3 :
				    1 + (dt_random(random) % 4) / 3 * 3;
		else if (attr == set->attrs)
			n = dt_random(random) % 8 > 0;
		for (; n; n--)
			put_attr(msg, attr, random, depth);
	}
}

/* Requests that make something, in reach of the others. */
static void put_good(struct dt_msg *msg, uint64_t *random)
{
	uint32_t r = dt_random(random), hops = r >> 12 & 3;
	struct nlattr *nest, *hop;

	nest = dt_nest(msg, DAMC_A_ROUTE);
	dt_put_name(msg, DAMC_A_ROUTE_NAME, names[(r >> 8) % 10]);
	if (!hops)
		dt_put_u32(msg, DAMC_A_ROUTE_TYPE, DAMC_ROUTE_TYPE_PROHIBIT);
	for (; hops; hops--) {
		hop = dt_nest(msg, DAMC_A_ROUTE_NEXTHOP);
		dt_put_u32(msg, DAMC_A_NEXTHOP_IFINDEX, if_nametoindex("v0"));
		dt_put(msg, DAMC_A_NEXTHOP_LLADDR,
		       (uint8_t[]){ 2, 0, 0, 0, r >> 24, hops }, 6);
		dt_nest_end(msg, hop);
	}
	dt_nest_end(msg, nest);
}

static void put_good_policy(struct dt_msg *msg, uint64_t *random)
{
	uint32_t r = dt_random(random), action = 1 + r % 3;
	struct nlattr *nest;

	nest = dt_nest(msg, DAMC_A_POLICY);
	dt_put_name(msg, DAMC_A_POLICY_NAME, names[(r >> 8) % 10]);
	if (r & 0x10000)
		dt_put_name(msg, DAMC_A_POLICY_FROM, names[(r >> 12) % 10]);
	if (r & 0x20000)
		dt_put_u32(msg, DAMC_A_POLICY_CLASS, r >> 29);
	dt_put_u32(msg, DAMC_A_POLICY_ACTION, action);
	if (action == DAMC_POLICY_ACTION_NEIGH)
		dt_put_u32(msg, DAMC_A_POLICY_NEIGH, 1 + (r >> 27) % 2);
	if (r & 0x40000)
		dt_put_u32(msg, DAMC_A_POLICY_LIFETIME, 1 + (r >> 20) % 50);
	dt_nest_end(msg, nest);
}

static void mutate(struct dt_msg *msg, uint64_t *random)
{
	uint32_t r = dt_random(random), len = msg->nlh.nlmsg_len - NLMSG_HDRLEN;
	uint32_t at = dt_random(random) % len, n;

	switch (r % 6) {
	case 0:	/* A few bytes. */
		for (n = 1 + (r >> 8) % 4; n; n--)
			msg->rest[dt_random(random) % len] = dt_random(random);
		break;
	case 1:	/* A bit, mostly of a length or a type. */
		msg->rest[at & ~3u] ^= 1 << (r >> 8) % 8;
		break;
	case 2:	/* The end cut off. */
		msg->nlh.nlmsg_len -= dt_random(random) % len;
		break;
	case 3:	/* A part twice. */
		n = dt_random(random) % 64;
		if (at + n <= len && len + n < sizeof(msg->rest)) {
			memmove(msg->rest + at + n, msg->rest + at, len - at);
			msg->nlh.nlmsg_len += n;
		}
		break;
	case 4:	/* What makes a nest a nest. */
		if (len > GENL_HDRLEN + 2)
			msg->rest[GENL_HDRLEN + 3] ^= 0x80;
		break;
	case 5:	/* Flags that other requests have. */
		msg->nlh.nlmsg_flags |= dt_random(random) & 0xf08;
		break;
	}
}

/* Ports and interfaces are slow to open and close: not each time. */
static const struct spec_op *choose(uint64_t *random)
{
	const struct spec_op *op;

	do
		op = &spec_ops[dt_random(random) % N_OPS];
	while ((op->cmd == DAMC_CMD_INFO_SET || op->cmd == DAMC_CMD_DEV_SET) &&
	       dt_random(random) % 16);
	return op;
}

static void make(struct dt_nl *nl, struct dt_msg *msg, uint64_t *random)
{
	const struct spec_op *op = choose(random);
	uint32_t r = dt_random(random);

	dt_msg_init(nl, msg, op->cmd, 0);
	if (op->cmd >= DAMC_CMD_ROUTE_ADD && op->cmd <= DAMC_CMD_ROUTE_APPEND &&
	    r % 2)
		put_good(msg, random);
	else if ((op->cmd == DAMC_CMD_POLICY_ADD ||
		  op->cmd == DAMC_CMD_POLICY_REPLACE) && r % 2)
		put_good_policy(msg, random);
	else
		put_set(msg, &op->set, random, 0);
	if (!(r >> 8 & 15))
		msg->nlh.nlmsg_flags |= NLM_F_DUMP;
	if (!(r >> 16 & 63))
		((struct genlmsghdr *)msg->rest)->cmd = r >> 24;
	for (r = dt_random(random) % 4; r > 1; r--)
		mutate(msg, random);
	msg->nlh.nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
}

static void delete(struct dt_nl *nl, const struct object *object, int cmd,
		   int type, int name)
{
	struct nlattr *nest;
	struct dt_msg msg;

	dt_msg_init(nl, &msg, cmd, 0);
	nest = dt_nest(&msg, type);
	dt_put(&msg, name, object->key, object->key_len);
	dt_nest_end(&msg, nest);
	dt_talk(nl, &msg, NULL);
}

/* Delete what is dumped: a name is a route's or a pool's; sets without routes. */
static void delete_all(struct dt_nl *nl)
{
	const struct object *object, *end = dumped.objects + dumped.n;

	for (object = dumped.objects; object < end; object++) {
		if (object->kind != DAMC_A_ROUTE)
			continue;
		delete(nl, object, DAMC_CMD_ROUTE_DEL, DAMC_A_ROUTE,
		       DAMC_A_ROUTE_NAME);
		delete(nl, object, DAMC_CMD_POOL_DEL, DAMC_A_POOL,
		       DAMC_A_POOL_NAME);
	}
	for (object = dumped.objects; object < end; object++)
		if (object->kind == DAMC_A_SET)
			delete(nl, object, DAMC_CMD_SET_DEL, DAMC_A_SET,
			       DAMC_A_SET_ID);
}

static void take_away(struct dt_nl *nl)
{
	static const char * const devs[] = { "v0", "v1", "e0", "e1" };
	struct nlattr *nest;
	struct dt_msg msg;
	int i;

	for (i = 0; i < 4; i++) {
		dt_msg_init(nl, &msg, DAMC_CMD_DEV_SET, 0);
		nest = dt_nest(&msg, DAMC_A_DEV);
		dt_put_u32(&msg, DAMC_A_DEV_IFINDEX, if_nametoindex(devs[i]));
		dt_put_u32(&msg, DAMC_A_DEV_MODE, DAMC_DEV_MODE_DOWN);
		dt_nest_end(&msg, nest);
		dt_talk(nl, &msg, NULL);
	}
	dt_damc("info set name none\n");
	dt_damc("info set udp-port off\npolicy flush\n");
	dump_all(nl, &dumped);
	delete_all(nl);
}

struct tally {
	int n, taken, refused, unanswered;
};

/* NULL, or what went wrong. */
static const char *fuzz(struct dt_nl *nl, struct dt_nl *ear, uint64_t seed,
			struct tally *tally)
{
	const char *count = getenv("DAMC_NLFUZZ"), *bad = NULL;
	int max = count ? atoi(count) : REQUESTS, err;
	time_t end = time(NULL) + SECONDS;
	struct dt_msg msg;
	uint64_t random;

	for (; !bad && tally->n < max && (count || time(NULL) < end);
	     tally->n++) {
		random = seed + tally->n * 0x1000003ull;
		make(nl, &msg, &random);
		err = dt_talk(nl, &msg, NULL);
		tally->taken += !err;
		tally->refused += err && err != -ETIMEDOUT;
		tally->unanswered += err == -ETIMEDOUT;
		if (tally->n % CHECK_EVERY == 0)
			bad = check(nl, ear);
	}
	return bad ?: check(nl, ear);
}

FIXTURE(fuzz) {
	struct dt_nl nl, ear;
};

FIXTURE_SETUP(fuzz)
{
	ASSERT_GE(dt_netns_new(), 0);
	ASSERT_EQ(0, dt_ip("link set lo up\n"
			   "link add v0 type veth peer name v1\n"
			   "link add e0 type veth peer name e1\n"));
	ASSERT_EQ(0, dt_nl_open(&self->nl));
	ASSERT_EQ(0, ear_open(&self->ear));
	ASSERT_EQ(0, dt_damc("info set name /self\ninfo set udp-port 3625\n"
			     "dev set v0 up\ndev set e0 edge\n"
			     "neigh add dev v0 lladdr 02:00:00:00:00:01\n"
			     "route add /r dev v0\nbind add /pod dev e0\n"));
}

FIXTURE_TEARDOWN(fuzz)
{
	close(self->nl.fd);
	close(self->ear.fd);
}

TEST_F_TIMEOUT(fuzz, mutated_requests, 800)
{
	uint64_t seed = dt_seed();
	struct tally tally = {};
	const char *bad;

	bad = fuzz(&self->nl, &self->ear, seed, &tally);
	TH_LOG("DAMC_SEED=%#llx: %d requests, %d taken, %d refused",
	       (unsigned long long)seed, tally.n, tally.taken, tally.refused);
	EXPECT_STREQ("", bad ?: "");
	EXPECT_EQ(0, tally.unanswered);
	EXPECT_LT(0, tally.taken);
	EXPECT_LT(0, tally.refused);
	take_away(&self->nl);
	EXPECT_STREQ("", check(&self->nl, &self->ear) ?: "");
	EXPECT_EQ(0, dumped.n);
}

TEST_HARNESS_MAIN
