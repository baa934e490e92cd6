// SPDX-License-Identifier: GPL-2.0
/*
 * Issue by issue: what is forged, replayed, stale, cut off or changed, of an LSA,
 * a grant and a hello. Each is dropped, each is counted, and nothing changes. (Of
 * an SPA's answer: test_class3_client.c.)
 *
 * Objects come from a neighbour whose MACs are good, or its MACs would be all
 * that is tested.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "node_int.h"
#include "vnet.h"

#define S 1000000ull
/* So that no budget is used up: one lie an eighth of a second. */
#define PAUSE_US (S / NODE_LIES)
/* One byte in so many is changed. */
#define STRIDE 5

/**
 * struct bench - node 0 knows @old; @new is what node 1 has in its place, as yet
 * unheard; a grant has no @old
 */
struct bench {
	struct vnet net;
	struct lab_object old;
	struct lab_object new;
};

/* ---- what changes nothing ---------------------------------------------- */

/* What no known key signed is counted, and waits in a room of its own. */

struct seen {
	struct dc_hash digest;
	unsigned long changes;
	unsigned long downs;
	uint64_t installed;
};

static struct seen look(struct vnet *net)
{
	struct seen seen = {
		.changes = net->node[0].changes,
		.downs = net->node[0].downs,
		.installed = vnet_counts(net, 0).installed,
	};

	dc_node_digest(net->node[0].node, &seen.digest);
	return seen;
}

static uint64_t counted(struct vnet *net)
{
	struct dc_node_counts c = vnet_counts(net, 0);

	return c.malformed + c.bad_mac + c.replayed + c.forged + c.unknown +
	       c.not_allowed + c.expired + c.revoked + c.duplicate + c.older +
	       c.over_budget;
}

static void assert_same(struct vnet *net, const struct seen *before)
{
	struct seen now = look(net);

	assert_memory_equal(&now, before, sizeof(now));
	assert_string_equal(vnet_state(net, 0, 1), "full");
}

/* ---- objects ----------------------------------------------------------- */

struct wanted {
	enum dc_type type;
	const char *subject;
	struct lab_object *to;
};

static int copy(struct lsdb_entry *entry, void *arg)
{
	const struct wanted *wanted = arg;
	struct damc_name subject;
	struct dc_object object;

	if (entry->type != wanted->type || !entry->bytes ||
	    dc_object_read(&object, entry->bytes, entry->len, NULL))
		return 0;
	subject = lab_name(wanted->subject);
	if (!damc_name_equal(&object.subject, &subject))
		return 0;
	memcpy(wanted->to->bytes, entry->bytes, entry->len);
	wanted->to->len = entry->len;
	return 0;
}

static void take(struct vnet *net, unsigned int number, enum dc_type type,
		 const char *subject, struct lab_object *to)
{
	struct wanted wanted = { type, subject, to };

	to->len = 0;
	lsdb_each(net->node[number].node->db, copy, &wanted);
	assert_true(to->len > 0);
}

/* Two that are full; what node 1 says from here on node 0 does not hear. */
static void set_up(struct bench *b, uint64_t seed)
{
	struct lab_object grant;

	vnet_init(&b->net, seed);
	vnet_add(&b->net, "n1");
	vnet_add(&b->net, "n2");
	vnet_join(&b->net, 0, 1);
	assert_int_equal(vnet_announce(&b->net, 1, "/old", &grant), DC_VALID);
	vnet_run(&b->net, 5 * S);
	assert_true(vnet_in_step(&b->net));
	b->net.link[0].deaf[1][0] = true;
	b->net.link[0].deaf[0][1] = true;
}

static void prefix_lsa(struct bench *b)
{
	struct lab_object grant;

	set_up(b, 51);
	take(&b->net, 1, DC_PREFIX_LSA, "/damc/node/n2", &b->old);
	assert_int_equal(vnet_announce(&b->net, 1, "/new", &grant), DC_VALID);
	/* Its grant is known: the LSA alone is in question. */
	assert_int_equal(dc_node_object(b->net.node[0].node, grant.bytes,
					grant.len, b->net.now_us), DC_VALID);
	vnet_run(&b->net, S / 10);
	take(&b->net, 1, DC_PREFIX_LSA, "/damc/node/n2", &b->new);
	assert_memory_not_equal(b->old.bytes, b->new.bytes, b->old.len);
}

static void link_lsa(struct bench *b)
{
	set_up(b, 52);
	take(&b->net, 1, DC_LINK_LSA, "/damc/node/n2", &b->old);
	assert_int_equal(dc_node_link(b->net.node[1].node, 1, true, 77,
				      b->net.now_us), 0);
	vnet_run(&b->net, S / 10);
	take(&b->net, 1, DC_LINK_LSA, "/damc/node/n2", &b->new);
	assert_memory_not_equal(b->old.bytes, b->new.bytes, b->old.len);
}

static void grant_object(struct bench *b)
{
	set_up(b, 53);
	b->old.len = 0;
	lab_grant(&b->net.lab, &b->net.spa, "/new", DC_RIGHT_NAME, "", &b->new);
}

static void (* const kinds[])(struct bench *b) = {
	prefix_lsa, link_lsa, grant_object,
};

/* What a neighbour floods, as if its MAC had been found good. */
static enum dc_verdict offer(struct bench *b, const struct lab_object *object,
			     uint32_t left_ms)
{
	struct dc_node *node = b->net.node[0].node;

	b->net.now_us += PAUSE_US;
	node->now_us = b->net.now_us;
	vnet_record_forget(&b->net.node[0].record);
	return node_accept(node, node->adj[0], object->bytes, object->len,
			   left_ms);
}

/* One more is counted, and nothing else is different. */
static void refused(struct bench *b, const struct lab_object *object,
		    uint32_t left_ms)
{
	struct seen before = look(&b->net);
	uint64_t was = counted(&b->net);

	offer(b, object, left_ms);
	assert_int_equal(counted(&b->net), was + 1);
	assert_same(&b->net, &before);
}

static void each(void (*test)(struct bench *b))
{
	static struct bench b;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		kinds[i](&b);
		test(&b);
		/* It was not for another reason: the good one is taken. */
		assert_int_equal(offer(&b, &b.new, UINT32_MAX), DC_VALID);
		vnet_free(&b.net);
	}
}

static void forge(struct bench *b)
{
	uint64_t was = vnet_counts(&b->net, 0).forged;
	struct lab_object object = b->new;

	object.bytes[object.len - 1] ^= 1;
	refused(b, &object, UINT32_MAX);
	assert_int_equal(vnet_counts(&b->net, 0).forged, was + 1);
}

static void forged(void **state)
{
	(void)state;
	each(forge);
}

/* A grant that is there, and an LSA: the second time it is no news. */
static void replay(struct bench *b)
{
	uint64_t was;

	if (!b->old.len) {
		assert_int_equal(offer(b, &b->new, UINT32_MAX), DC_VALID);
		b->old = b->new;
	}
	was = vnet_counts(&b->net, 0).duplicate;
	refused(b, &b->old, UINT32_MAX);
	assert_int_equal(vnet_counts(&b->net, 0).duplicate, was + 1);
}

static void replayed(void **state)
{
	(void)state;
	each(replay);
}

/* An LSA that has been replaced, or whose time is over. */
static void outdate_lsa(struct bench *b)
{
	uint64_t was = vnet_counts(&b->net, 0).expired;

	refused(b, &b->new, 0);
	assert_int_equal(vnet_counts(&b->net, 0).expired, was + 1);
	/* What has run out on its way is remembered as refused. */
	memset(b->net.node[0].node->refused, 0,
	       sizeof(b->net.node[0].node->refused));
	assert_int_equal(offer(b, &b->new, UINT32_MAX), DC_VALID);
	was = vnet_counts(&b->net, 0).older;
	refused(b, &b->old, UINT32_MAX);
	assert_int_equal(vnet_counts(&b->net, 0).older, was + 1);
}

/* A grant that has ended. */
static void outdate(struct bench *b)
{
	uint64_t was = vnet_counts(&b->net, 0).expired;
	uint64_t life = b->net.lab.life_ms;
	struct lab_object object;

	if (b->old.len) {
		outdate_lsa(b);
		return;
	}
	b->net.lab.time_ms -= 10 * life;
	lab_grant(&b->net.lab, &b->net.spa, "/ended", DC_RIGHT_NAME, "",
		  &object);
	b->net.lab.time_ms += 10 * life;
	refused(b, &object, UINT32_MAX);
	assert_int_equal(vnet_counts(&b->net, 0).expired, was + 1);
}

static void stale(void **state)
{
	(void)state;
	each(outdate);
}

static void cut(struct bench *b)
{
	uint64_t was = vnet_counts(&b->net, 0).malformed;
	struct lab_object object = b->new;

	for (object.len = 0; object.len < b->new.len; object.len++)
		refused(b, &object, UINT32_MAX);
	assert_int_equal(vnet_counts(&b->net, 0).malformed,
			 was + b->new.len);
}

static void truncated(void **state)
{
	(void)state;
	each(cut);
}

static void change(struct bench *b)
{
	struct lab_object object;
	size_t i;

	for (i = 0; i < b->new.len; i += STRIDE) {
		object = b->new;
		object.bytes[i] ^= 1 << i % 8;
		refused(b, &object, UINT32_MAX);
	}
}

static void mutated(void **state)
{
	(void)state;
	each(change);
}

/* ---- hellos ------------------------------------------------------------ */

static struct vnet_packet hello, sealed;

/* The last of each that node 1 sent to node 0. */
static bool keep_hellos(struct vnet_packet *packet, void *arg)
{
	(void)arg;
	if (packet->bytes[1] != LS_HELLO || packet->from != 1)
		return true;
	if (packet->bytes[LS_HEAD_BYTES])
		sealed = *packet;
	else
		hello = *packet;
	return true;
}

static void set_up_hellos(struct bench *b)
{
	vnet_init(&b->net, 54);
	b->net.tap = keep_hellos;
	vnet_add(&b->net, "n1");
	vnet_add(&b->net, "n2");
	vnet_join(&b->net, 0, 1);
	vnet_run(&b->net, 5 * S);
	b->net.tap = NULL;
	assert_true(vnet_in_step(&b->net));
	assert_true(hello.len && sealed.len);
	/* So that it is known to nobody here, and no budget is spent. */
	b->net.link[0].deaf[0][1] = true;
}

static void hear(struct bench *b, const struct vnet_packet *packet, size_t len)
{
	const struct damc_lladdr from = { 1, { 2 } };

	b->net.now_us += PAUSE_US;
	vnet_record_forget(&b->net.node[0].record);
	dc_node_input(b->net.node[0].node, 1, &from, packet->bytes, len,
		      b->net.now_us);
}

/* Everything that its signature and its head say, byte by byte. */
static void a_changed_hello(void **state)
{
	static struct bench b;
	const size_t end = LS_HEAD_BYTES + 90 + DC_SIGNATURE_BYTES;
	struct vnet_packet packet;
	struct seen before;
	uint64_t was;
	size_t i;

	(void)state;
	set_up_hellos(&b);
	before = look(&b.net);
	for (i = 0; i < end; i++) {
		packet = sealed;
		packet.bytes[i] ^= 1 << i % 8;
		was = counted(&b.net);
		hear(&b, &packet, packet.len);
		assert_int_equal(counted(&b.net), was + 1);
		assert_same(&b.net, &before);
	}
	vnet_free(&b.net);
}

static void a_truncated_hello(void **state)
{
	static struct bench b;
	struct seen before;
	uint64_t was;
	size_t len;

	(void)state;
	set_up_hellos(&b);
	before = look(&b.net);
	was = vnet_counts(&b.net, 0).malformed;
	for (len = 0; len < sealed.len; len++)
		hear(&b, &sealed, len);
	assert_int_equal(vnet_counts(&b.net, 0).malformed, was + sealed.len);
	assert_same(&b.net, &before);
	vnet_free(&b.net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forged),
		cmocka_unit_test(replayed),
		cmocka_unit_test(stale),
		cmocka_unit_test(truncated),
		cmocka_unit_test(mutated),
		cmocka_unit_test(a_changed_hello),
		cmocka_unit_test(a_truncated_hello),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
