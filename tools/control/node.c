// SPDX-License-Identifier: GPL-2.0
/*
 * A node: making it, its time, and what is called from outside. Each call ends
 * in finish(): what it led to is sent, computed and flushed then, together.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node_int.h"

#define HELLO_MS 1000
#define DEAD 4
#define RESTART_S 120
#define REFRESH_S 1800
#define LIFETIME_S 3600
#define ROTATE_S 3600
/* How often to ask what ended besides, if nothing else happens. */
#define ENDED_US 1000000ull
/* Rounds of what waited for what waited for what came. */
#define RETRIES_MAX 8

/* ---- small things that all need ---------------------------------------- */

void node_random_secret(struct dc_node *node, void *buf, size_t len)
{
	uint8_t count[8], mac[DC_MAC_BYTES], *p = buf;
	size_t n;

	for (; len; len -= n, p += n) {
		ls_put64(count, node->random_count++);
		dc_mac(mac, count, sizeof(count), node->random_key);
		n = len < sizeof(mac) ? len : sizeof(mac);
		memcpy(p, mac, n);
	}
}

void node_random(struct dc_node *node, enum dc_tape_draw what, void *buf,
		 size_t len)
{
	node_random_secret(node, buf, len);
	dc_tape_draw(node->config.crypto->tape, what, buf);
}

uint64_t node_jitter(struct dc_node *node, uint64_t us)
{
	uint32_t chance;

	node_random(node, DC_TAPE_CHANCE4, &chance, sizeof(chance));
	return us - us / 10 + us / 5 * chance / UINT32_MAX;
}

void node_event(struct dc_node *node, const char *what, const char *format, ...)
{
	char words[NODE_EVENT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	node->ops.event(node->arg, what, words);
}

/* As a name's component is written. */
const char *node_id_text(const struct dc_node_id *id, char buf[128])
{
	struct damc_name name = { 0 };
	char text[DAMC_NAME_TEXT_MAX];

	damc_name_append(&name, id->byte, id->len);
	if (damc_name_format(&name, text, sizeof(text)) < 0)
		text[1] = '\0';
	snprintf(buf, 128, "%.127s", text + 1);
	return buf;
}

/* ---- making ------------------------------------------------------------ */

static void set_default(uint32_t *value, uint32_t standard)
{
	if (!*value)
		*value = standard;
}

static void set_timers(struct dc_node_config *own,
		       const struct dc_node_config *config)
{
	own->hello_ms = config->hello_ms;
	own->dead = config->dead;
	own->restart_s = config->restart_s;
	own->refresh_s = config->refresh_s;
	own->lifetime_s = config->lifetime_s;
	own->rotate_s = config->rotate_s;
	set_default(&own->hello_ms, HELLO_MS);
	set_default(&own->dead, DEAD);
	set_default(&own->restart_s, RESTART_S);
	set_default(&own->refresh_s, REFRESH_S);
	set_default(&own->lifetime_s, LIFETIME_S);
	set_default(&own->rotate_s, ROTATE_S);
}

static void configure(struct dc_node *node, const struct dc_node_config *config)
{
	node->config = *config;
	set_timers(&node->config, config);
}

/* Who it is, by its own certificate. */
static int identify(struct dc_node *node)
{
	const struct dc_identity *identity = &node->config.identity;
	struct dc_object object;

	if (dc_object_read(&object, identity->cert, identity->cert_len, NULL) ||
	    dc_cert_read(&node->cert, &object) ||
	    dc_node_id_of(&node->id, &object.subject))
		return -EINVAL;
	node->name = object.subject;
	node->serial = object.seq.serial;
	node->cert_serial = node->serial;
	dc_object_hash(&object, &node->cert_hash);
	node->domain = dc_domain_of(identity->domain);
	return 0;
}

static void init_random(struct dc_node *node)
{
	uint8_t bytes[DC_SECRET_BYTES + 17];
	struct dc_hash half;
	unsigned int i;

	memcpy(bytes, node->config.identity.secret, DC_SECRET_BYTES);
	ls_put64(bytes + DC_SECRET_BYTES, node->config.seed);
	ls_put64(bytes + DC_SECRET_BYTES + 8, node->config.epoch);
	for (i = 0; i < 2; i++) {
		bytes[DC_SECRET_BYTES + 16] = i;
		dc_hash_bytes(&half, bytes, sizeof(bytes));
		memcpy(node->random_key + i * DC_HASH_BYTES, half.byte,
		       DC_HASH_BYTES);
	}
	node_random(node, DC_TAPE_CHANCE8, &node->incarnation,
		    sizeof(node->incarnation));
}

static int make_parts(struct dc_node *node, uint64_t wall_ms)
{
	node->trust = dc_trust_new(&node->config.identity, node->config.crypto,
				   node->now_us, wall_ms);
	if (!node->trust)
		return -errno;
	node->rib = dc_rib_new(&node->id, &node->ops.fib, node->arg);
	node->db = lsdb_new();
	if (!node->rib || !node->db || origin_init(node))
		return -ENOMEM;
	return 0;
}

struct dc_node *dc_node_new(const struct dc_node_config *config,
			    const struct dc_node_ops *ops, void *arg,
			    uint64_t now_us, uint64_t wall_ms)
{
	struct dc_node *node = calloc(1, sizeof(*node));
	int err;

	if (!node)
		return NULL;
	node->ops = *ops;
	node->arg = arg;
	node->now_us = now_us;
	node->ended_us = now_us + ENDED_US;
	node->spf.config = spf_delay_default;
	configure(node, config);
	err = identify(node);
	if (!err)
		err = make_parts(node, wall_ms);
	if (err) {
		dc_node_free(node);
		errno = -err;
		return NULL;
	}
	init_random(node);
	adj_key_make(node);
	node_accept(node, NULL, config->identity.cert,
		    config->identity.cert_len, UINT32_MAX);
	origin_own_names(node);
	return node;
}

void dc_node_free(struct dc_node *node)
{
	if (!node)
		return;
	while (node->n_adjs)
		adj_free(node, node->adj[0]);
	node_wait_free(node);
	grants_free(node);
	tally_free(node);
	shards_free(node);
	lsdb_free(node->db);
	dc_rib_free(node->rib);
	dc_trust_free(node->trust);
	free(node);
}

void node_renew(struct dc_node *node, const struct dc_object *object,
		const struct dc_hash *hash)
{
	struct dc_identity *identity = &node->config.identity;
	struct dc_cert cert;

	if (!damc_name_equal(&object->subject, &node->name) ||
	    object->seq.serial <= node->cert_serial ||
	    dc_cert_read(&cert, object) ||
	    memcmp(cert.key, node->cert.key, sizeof(cert.key)))
		return;
	memcpy(identity->cert, object->bytes, object->len);
	identity->cert_len = object->len;
	node->cert = cert;
	node->cert_hash = *hash;
	node->cert_serial = object->seq.serial;
	node_event(node, "certificate", "serial=%u", node->cert_serial);
	/* What a hello names is signed with it. */
	adj_key_rotate(node);
}

/* ---- time -------------------------------------------------------------- */

static void begin(struct dc_node *node, const struct dc_tape_input *input)
{
	dc_tape_input(node->config.crypto->tape, input);
	if (input->now_us > node->now_us)
		node->now_us = input->now_us;
}

static void retry_waiting(struct dc_node *node)
{
	unsigned int i;

	for (i = 0; node->retry && i < RETRIES_MAX; i++) {
		node->retry = false;
		node_wait_retry(node);
	}
}

static void compute(struct dc_node *node)
{
	if (!spf_delay_timer(&node->spf, node->now_us))
		return;
	dc_rib_compute(node->rib);
	node->counts.spf_runs++;
	node->fib_dirty = true;
}

static void finish(struct dc_node *node)
{
	uint32_t i;

	if (node->more)
		return;
	retry_waiting(node);
	node_ended(node);
	origin_timer(node);
	compute(node);
	for (i = 0; i < node->n_adjs; i++) {
		adj_reply(node, node->adj[i]);
		adj_flush(node, node->adj[i]);
	}
	if (!node->fib_dirty)
		return;
	node->fib_dirty = false;
	if (node->ops.fib.flush)
		node->ops.fib.flush(node->arg);
}

void dc_node_timer(struct dc_node *node, uint64_t now_us)
{
	struct dc_tape_input input = {
		.kind = DC_TAPE_TIMER, .now_us = now_us,
	};

	begin(node, &input);
	adj_timer(node);
	node_objects_timer(node);
	names_timer(node);
	if (node->now_us >= node->ended_us)
		node->ended_us = node->now_us + ENDED_US;
	if (node->now_us >= dc_rib_next(node->rib)) {
		dc_rib_timer(node->rib, node->now_us);
		node->fib_dirty = true;
	}
	finish(node);
}

uint64_t dc_node_next(const struct dc_node *node)
{
	uint64_t times[] = {
		adj_next(node), spf_delay_next(&node->spf), node->ended_us,
		dc_rib_next(node->rib), origin_next(node),
		dc_trust_next(node->trust), grants_next(node),
		lsdb_next(node->db),
	};
	uint64_t next = UINT64_MAX;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(times); i++)
		if (times[i] < next)
			next = times[i];
	return next;
}

void dc_node_timers(struct dc_node *node, const struct dc_node_config *config,
		    uint64_t now_us)
{
	struct dc_tape_input input = {
		.kind = DC_TAPE_TIMERS, .now_us = now_us,
		.number = {
			config->hello_ms, config->dead, config->restart_s,
			config->refresh_s, config->lifetime_s, config->rotate_s,
		},
	};

	begin(node, &input);
	set_timers(&node->config, config);
	adj_hello_soon(node);
	adj_timer(node);
	finish(node);
}

/* ---- what happens to it ------------------------------------------------ */

void dc_node_shutdown(struct dc_node *node, uint64_t now_us)
{
	struct dc_tape_input input = {
		.kind = DC_TAPE_SHUTDOWN, .now_us = now_us,
	};
	uint32_t i;

	begin(node, &input);
	for (i = 0; i < node->n_adjs; i++)
		adj_goodbye(node, node->adj[i]);
}

int dc_node_link(struct dc_node *node, uint32_t ifindex, bool up, uint32_t cost,
		 uint64_t now_us)
{
	struct dc_tape_input input = {
		.kind = DC_TAPE_LINK, .now_us = now_us,
		.number = { ifindex, up, cost },
	};
	int ret;

	begin(node, &input);
	ret = adj_iface_set(node, ifindex, up, cost);
	adj_timer(node);
	finish(node);
	return ret;
}

int dc_node_link_gone(struct dc_node *node, uint32_t ifindex, uint64_t now_us)
{
	struct dc_tape_input input = {
		.kind = DC_TAPE_LINK_GONE, .now_us = now_us,
		.number = { ifindex },
	};
	int ret;

	begin(node, &input);
	ret = adj_iface_gone(node, ifindex);
	finish(node);
	return ret;
}

void dc_node_liveness(struct dc_node *node, uint32_t link, bool up,
		      uint64_t now_us)
{
	struct dc_tape_input input = {
		.kind = DC_TAPE_LIVENESS, .now_us = now_us,
		.number = { link, up },
	};
	struct adj *adj;

	begin(node, &input);
	adj = adj_by_link(node, link);
	if (adj)
		adj_liveness(node, adj, up);
	finish(node);
}

void dc_node_more(struct dc_node *node, bool more, uint64_t now_us)
{
	struct dc_tape_input input = {
		.kind = DC_TAPE_MORE, .now_us = now_us,
		.number = { more },
	};

	begin(node, &input);
	node->more = more;
	finish(node);
}

void dc_node_input(struct dc_node *node, uint32_t ifindex,
		   const struct damc_lladdr *from, const void *packet,
		   size_t len, uint64_t now_us)
{
	struct dc_tape_input input = {
		.kind = DC_TAPE_PACKET, .now_us = now_us,
		.number = { ifindex }, .from = from,
		.bytes = packet, .len = len,
	};
	struct adj_iface *iface = adj_iface(node, ifindex);
	struct ls_packet read;

	begin(node, &input);
	node->counts.rx++;
	if (!ifindex || !iface || !from || from->len > DAMC_LLADDR_MAX ||
	    ls_packet_read(&read, packet, len)) {
		node->counts.malformed++;
		return;
	}
	if (read.domain != node->domain) {
		node->counts.unknown++;
		return;
	}
	node_input(node, iface, from, &read);
	finish(node);
}

static bool has_grant(const struct dc_prefix *prefix)
{
	static const struct dc_hash none;

	return memcmp(&prefix->grant, &none, sizeof(none));
}

enum dc_verdict dc_node_announce(struct dc_node *node,
				 const struct dc_prefix *prefix,
				 const void *grant, size_t grant_len,
				 uint64_t now_us)
{
	struct dc_tape_input input = {
		.kind = DC_TAPE_ANNOUNCE, .now_us = now_us,
		.number = { prefix->right, prefix->weight, prefix->epoch },
		.bytes = prefix->name.wire, .len = prefix->name.len,
		.grant = grant, .grant_len = grant_len,
		.hash = prefix->grant.byte,
	};
	enum dc_verdict verdict = DC_VALID;

	begin(node, &input);
	if (grant && has_grant(prefix))
		verdict = node_accept(node, NULL, grant, grant_len, UINT32_MAX);
	if (verdict == DC_VALID)
		verdict = dc_trust_prefix(node->trust, &node->id, prefix,
					  node->now_us);
	if (verdict == DC_VALID)
		verdict = shards_add(node, prefix);
	finish(node);
	return verdict;
}

void dc_node_withdraw(struct dc_node *node, const struct damc_name *name,
		      uint64_t now_us)
{
	struct dc_tape_input input = {
		.kind = DC_TAPE_WITHDRAW, .now_us = now_us,
		.bytes = name->wire, .len = name->len,
	};

	begin(node, &input);
	shards_remove(node, name);
	finish(node);
}

enum dc_verdict dc_node_object(struct dc_node *node, const void *bytes,
			       size_t len, uint64_t now_us)
{
	struct dc_tape_input input = {
		.kind = DC_TAPE_OBJECT, .now_us = now_us,
		.bytes = bytes, .len = len,
	};
	enum dc_verdict verdict;

	begin(node, &input);
	verdict = node_accept(node, NULL, bytes, len, UINT32_MAX);
	finish(node);
	return verdict;
}

void dc_node_overload(struct dc_node *node, bool on, uint64_t now_us)
{
	struct dc_tape_input input = {
		.kind = DC_TAPE_OVERLOAD, .now_us = now_us,
		.number = { on },
	};

	begin(node, &input);
	origin_overload(node, on);
	finish(node);
}

void dc_node_hold(struct dc_node *node, bool hold, uint64_t now_us)
{
	struct dc_tape_input input = {
		.kind = DC_TAPE_HOLD, .now_us = now_us, .number = { hold },
	};

	begin(node, &input);
	origin_hold(node, hold);
	finish(node);
}
