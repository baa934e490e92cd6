// SPDX-License-Identifier: GPL-2.0
/*
 * Neighbours: the table, states, what is due for them. A neighbour is usable
 * when both ends' databases were compared, its kernel is alive as far as is
 * known, and its interface has carrier.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "node_int.h"

/* Between two hellos to one neighbour, however many come from it. */
#define REPLY_US 20000ull
/* What is under way when a session is replaced still counts. */
#define LAST_KEEP_US 2000000ull
/* With neighbours on a link all are told of us only so often. */
#define HELLO_ALL_RARELY 5

static const char * const state_text[] = {
	"down", "init", "exchange", "full"
};

/* ---- interfaces -------------------------------------------------------- */

struct adj_iface *adj_iface(struct dc_node *node, uint32_t ifindex)
{
	uint32_t i;

	for (i = 0; i < node->n_ifaces; i++)
		if (node->iface[i].ifindex == ifindex)
			return &node->iface[i];
	return NULL;
}

static struct adj_iface *iface_new(struct dc_node *node, uint32_t ifindex)
{
	struct adj_iface *iface = adj_iface(node, 0);

	if (!iface) {
		if (node->n_ifaces == ADJ_IFACES_MAX)
			return NULL;
		iface = &node->iface[node->n_ifaces++];
	}
	memset(iface, 0, sizeof(*iface));
	iface->ifindex = ifindex;
	iface->hello_us = UINT64_MAX;
	return iface;
}

static void iface_changed(struct dc_node *node, struct adj_iface *iface,
			  bool cost)
{
	uint32_t i;

	for (i = 0; i < node->n_adjs; i++) {
		struct adj *adj = node->adj[i];

		if (adj->iface != iface)
			continue;
		adj_review(node, adj);
		if (cost && adj->told)
			origin_link(node, false);
	}
}

int adj_iface_set(struct dc_node *node, uint32_t ifindex, bool up,
		  uint32_t cost)
{
	struct adj_iface *iface = adj_iface(node, ifindex);
	bool cost_differs;

	if (!ifindex || !cost || cost > 0xffffff)
		return -EINVAL;
	if (!iface)
		iface = iface_new(node, ifindex);
	if (!iface)
		return -ENOSPC;
	if (up && !iface->up)
		iface->hello_us = node->now_us;
	cost_differs = cost != iface->cost;
	iface->up = up;
	iface->cost = cost;
	iface_changed(node, iface, cost_differs);
	return 0;
}

int adj_iface_gone(struct dc_node *node, uint32_t ifindex)
{
	struct adj_iface *iface = adj_iface(node, ifindex);
	uint32_t i = 0;

	if (!ifindex || !iface)
		return -ENOENT;
	while (i < node->n_adjs) {
		if (node->adj[i]->iface != iface) {
			i++;
			continue;
		}
		adj_down(node, node->adj[i], "interface");
		adj_free(node, node->adj[i]);
	}
	memset(iface, 0, sizeof(*iface));
	return 0;
}

/* ---- the table --------------------------------------------------------- */

struct adj *adj_find(struct dc_node *node, const struct adj_iface *iface,
		     const struct damc_lladdr *lladdr)
{
	uint32_t i;

	for (i = 0; i < node->n_adjs; i++) {
		struct adj *adj = node->adj[i];

		if (adj->iface == iface && adj->lladdr.len == lladdr->len &&
		    !memcmp(adj->lladdr.addr, lladdr->addr, lladdr->len))
			return adj;
	}
	return NULL;
}

struct adj *adj_by_link(struct dc_node *node, uint32_t link)
{
	uint32_t i;

	for (i = 0; i < node->n_adjs; i++)
		if (node->adj[i]->link == link)
			return node->adj[i];
	return NULL;
}

/*
 * The same number after a restart, so that others' routes need not change: a
 * hash of where it is.
 */
static uint32_t link_number(struct dc_node *node, const struct adj *adj)
{
	uint32_t link = 2166136261u ^ adj->iface->ifindex;
	unsigned int i;

	link *= 16777619;
	for (i = 0; i < adj->lladdr.len; i++)
		link = (link ^ adj->lladdr.addr[i]) * 16777619;
	while (!link || adj_by_link(node, link))
		link++;
	return link;
}

/* Forget who never proved anything and was there longest. */
static bool make_room(struct dc_node *node)
{
	struct adj *oldest = NULL;
	uint32_t i;

	for (i = 0; i < node->n_adjs; i++) {
		struct adj *adj = node->adj[i];

		if (adj->state < ADJ_EXCHANGE &&
		    (!oldest || adj->since_us < oldest->since_us))
			oldest = adj;
	}
	if (!oldest)
		return false;
	adj_free(node, oldest);
	return true;
}

struct adj *adj_new(struct dc_node *node, struct adj_iface *iface,
		    const struct damc_lladdr *lladdr)
{
	struct adj *adj;

	if (node->n_adjs == ADJ_MAX && !make_room(node))
		return NULL;
	adj = calloc(1, sizeof(*adj));
	if (!adj)
		return NULL;
	adj->iface = iface;
	adj->lladdr = *lladdr;
	adj->link = link_number(node, adj);
	adj->state = ADJ_INIT;
	adj->since_us = node->now_us;
	adj->heard_us = node->now_us;
	adj->hold_us = 1000ull * node->config.hello_ms * node->config.dead;
	adj->hello_us = node->now_us +
		node_jitter(node, 1000ull * node->config.hello_ms);
	adj->good_us = UINT64_MAX;
	flood_init(&adj->flood);
	node->adj[node->n_adjs++] = adj;
	return adj;
}

void adj_free(struct dc_node *node, struct adj *adj)
{
	uint32_t i = 0;

	while (node->adj[i] != adj)
		i++;
	node->adj[i] = node->adj[--node->n_adjs];
	flood_clear(&adj->flood);
	free(adj);
}

/* ---- states ------------------------------------------------------------ */

static void tell_neighbour(struct dc_node *node, struct adj *adj, bool up)
{
	if (adj->known == up)
		return;
	adj->known = up;
	node->ops.neighbour(node->arg, adj->link, adj->iface->ifindex,
			    &adj->lladdr, &adj->hello.id, up);
}

void adj_set_state(struct dc_node *node, struct adj *adj, enum adj_state state)
{
	char id[128];

	if (adj->state == state)
		return;
	node_event(node, "neighbour", "id=%s link=%u state=%s was=%s",
		   node_id_text(&adj->hello.id, id), adj->link,
		   state_text[state], state_text[adj->state]);
	adj->state = state;
	adj->since_us = node->now_us;
	if (state == ADJ_EXCHANGE) {
		tell_neighbour(node, adj, true);
		sync_start(node, adj);
	}
	adj_review(node, adj);
	if (state < ADJ_EXCHANGE) {
		flood_clear(&adj->flood);
		memset(&adj->sync, 0, sizeof(adj->sync));
		tell_neighbour(node, adj, false);
	}
}

static uint32_t n_told(const struct dc_node *node)
{
	uint32_t i, n = 0;

	for (i = 0; i < node->n_adjs; i++)
		n += node->adj[i]->told;
	return n;
}

/* Good news is told when it may be, and there is room in the link LSA. */
static void tell_good(struct dc_node *node, struct adj *adj)
{
	if (node->now_us < adj->good_us)
		return;
	adj->good_us = UINT64_MAX;
	if (n_told(node) == DC_LINKS_MAX) {
		node_event(node, "too-many-neighbours", "max=%u",
			   DC_LINKS_MAX);
		return;
	}
	adj->told = true;
	origin_link(node, false);
}

void adj_review(struct dc_node *node, struct adj *adj)
{
	bool usable = adj->state == ADJ_FULL && adj->iface->up &&
		adj->live != ADJ_LIVE_DOWN;

	if (usable == adj->usable)
		return;
	adj->usable = usable;
	if (usable) {
		adj->good_us = damp_good(&adj->damp, node->now_us);
		tell_good(node, adj);
	} else {
		adj->good_us = UINT64_MAX;
		if (adj->told)
			origin_link(node, true);
		adj->told = false;
	}
	names_changed(node, dc_rib_adjacency(node->rib, adj->link, usable));
}

void adj_down(struct dc_node *node, struct adj *adj, const char *why)
{
	char id[128];

	if (adj->state >= ADJ_EXCHANGE)
		node_event(node, "neighbour-down", "id=%s link=%u why=%s",
			   node_id_text(&adj->hello.id, id), adj->link, why);
	memset(&adj->session, 0, sizeof(adj->session));
	memset(&adj->next, 0, sizeof(adj->next));
	memset(&adj->last, 0, sizeof(adj->last));
	adj->live = ADJ_LIVE_UNKNOWN;
	adj->quiet = false;
	adj->shunned = false;
	adj->n_acks = 0;
	adj->say = false;
	adj->reply = false;
	adj->heard_us = node->now_us;
	adj_set_state(node, adj, ADJ_DOWN);
}

void adj_peer_link(struct dc_node *node, struct adj *adj, uint32_t link)
{
	if (link == adj->peer_link)
		return;
	adj->peer_link = link;
	if (adj->told)
		origin_link(node, true);
}

static void not_quiet(struct dc_node *node, struct adj *adj)
{
	if (adj->shunned)
		origin_link(node, false);
	adj->quiet = false;
	adj->shunned = false;
}

static void tell_session(struct dc_node *node, const struct adj *adj)
{
	if (node->ops.session)
		node->ops.session(node->arg, adj->link, adj->iface->ifindex,
				  &adj->lladdr, adj->session.rx_tag);
}

void adj_proven(struct dc_node *node, struct adj *adj)
{
	char id[128];

	adj->last = adj->session;
	adj->last.made_us = node->now_us;
	adj->session = adj->next;
	memset(&adj->next, 0, sizeof(adj->next));
	adj->heard_us = node->now_us;
	adj->reply = false;
	adj->say = true;
	if (adj->state >= ADJ_EXCHANGE &&
	    adj->incarnation != adj->session.incarnation)
		node_event(node, "neighbour-restarted", "id=%s link=%u",
			   node_id_text(&adj->hello.id, id), adj->link);
	adj->incarnation = adj->session.incarnation;
	not_quiet(node, adj);
	if (adj->state < ADJ_EXCHANGE)
		adj_set_state(node, adj, ADJ_EXCHANGE);
	else if (adj->state == ADJ_FULL)
		/* It may have forgotten what it was to send. */
		sync_start(node, adj);
	tell_session(node, adj);
}

void adj_liveness(struct dc_node *node, struct adj *adj, bool up)
{
	if (adj->state < ADJ_EXCHANGE)
		return;
	adj->live = up ? ADJ_LIVE_UP : ADJ_LIVE_DOWN;
	adj_review(node, adj);
}

void adj_shun_quiet(struct dc_node *node)
{
	uint32_t i;

	for (i = 0; i < node->n_adjs; i++) {
		struct adj *adj = node->adj[i];

		if (!adj->quiet || adj->shunned)
			continue;
		adj->shunned = true;
		origin_link(node, true);
	}
}

void adj_heard(struct dc_node *node, struct adj *adj)
{
	adj->heard_us = node->now_us;
	if (adj->quiet)
		not_quiet(node, adj);
}

void adj_reply(struct dc_node *node, struct adj *adj)
{
	if (!adj->reply || node->now_us < adj->reply_us)
		return;
	adj->reply = false;
	adj->reply_us = node->now_us + REPLY_US;
	adj_hello_one(node, adj);
}

/* ---- time -------------------------------------------------------------- */

/* When it counts as gone; later if only its daemon is known to be silent. */
static uint64_t gone_us(const struct dc_node *node, const struct adj *adj)
{
	uint64_t hold = adj->hold_us;

	if (adj->quiet && hold < 1000000ull * node->config.restart_s)
		hold = 1000000ull * node->config.restart_s;
	/* Its damping is remembered. */
	if (adj->state == ADJ_DOWN && hold < 2 * DAMP_MAX_US)
		hold = 2 * DAMP_MAX_US;
	return adj->heard_us + hold;
}

/* Whether it is still there. */
static bool check_hold(struct dc_node *node, struct adj *adj)
{
	if (adj->state >= ADJ_EXCHANGE && !adj->quiet &&
	    adj->live == ADJ_LIVE_UP &&
	    node->now_us >= adj->heard_us + adj->hold_us)
		adj->quiet = true;
	if (node->now_us < gone_us(node, adj))
		return true;
	if (adj->state >= ADJ_EXCHANGE) {
		adj_down(node, adj, "silent");
		return true;
	}
	adj_free(node, adj);
	return false;
}

static void say_hello(struct dc_node *node, struct adj *adj)
{
	if (adj->state >= ADJ_EXCHANGE)
		adj->say = true;
	if (adj->state < ADJ_EXCHANGE || adj->next.used)
		adj->reply = adj->state != ADJ_DOWN ||
			node->now_us < adj->since_us + adj->hold_us;
	adj->hello_us = node->now_us +
		node_jitter(node, 1000ull * node->config.hello_ms);
}

static void one_timer(struct dc_node *node, struct adj *adj)
{
	if (!check_hold(node, adj))
		return;
	if (node->now_us >= adj->hello_us)
		say_hello(node, adj);
	adj_reply(node, adj);
	if (adj->usable && !adj->told)
		tell_good(node, adj);
	if (adj->last.used &&
	    node->now_us >= adj->last.made_us + LAST_KEEP_US)
		adj->last.used = false;
	if (adj->state < ADJ_EXCHANGE)
		return;
	flood_timer(&adj->flood, node->now_us);
	sync_timer(node, adj);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t one_next(const struct dc_node *node, const struct adj *adj)
{
	uint64_t next = earlier(gone_us(node, adj), adj->hello_us);

	if (adj->reply)
		next = earlier(next, adj->reply_us);
	if (adj->last.used)
		next = earlier(next, adj->last.made_us + LAST_KEEP_US);
	next = earlier(next, adj->good_us);
	if (adj->state < ADJ_EXCHANGE)
		return next;
	return earlier(next, earlier(flood_next(&adj->flood),
				     sync_next(adj)));
}

static bool has_session(const struct dc_node *node,
			const struct adj_iface *iface)
{
	uint32_t i;

	for (i = 0; i < node->n_adjs; i++)
		if (node->adj[i]->iface == iface &&
		    node->adj[i]->state >= ADJ_EXCHANGE)
			return true;
	return false;
}

static void iface_timer(struct dc_node *node, struct adj_iface *iface)
{
	uint64_t wait = 1000ull * node->config.hello_ms;

	if (!iface->up || node->now_us < iface->hello_us)
		return;
	if (has_session(node, iface))
		wait *= HELLO_ALL_RARELY;
	iface->hello_us = node->now_us + node_jitter(node, wait);
	adj_hello_all(node, iface);
}

void adj_hello_soon(struct dc_node *node)
{
	uint32_t i;

	for (i = 0; i < node->n_ifaces; i++)
		if (node->iface[i].up)
			node->iface[i].hello_us = node->now_us;
	for (i = 0; i < node->n_adjs; i++)
		node->adj[i]->hello_us = node->now_us;
}

void adj_timer(struct dc_node *node)
{
	uint32_t i;

	for (i = 0; i < node->n_ifaces; i++)
		iface_timer(node, &node->iface[i]);
	/* One may be freed: the last takes its place. */
	for (i = node->n_adjs; i-- > 0;)
		one_timer(node, node->adj[i]);
	if (node->now_us >= node->key.made_us +
	    1000000ull * node->config.rotate_s)
		adj_key_rotate(node);
}

uint64_t adj_next(const struct dc_node *node)
{
	uint64_t next = node->key.made_us +
		1000000ull * node->config.rotate_s;
	uint32_t i;

	for (i = 0; i < node->n_ifaces; i++)
		if (node->iface[i].up)
			next = earlier(next, node->iface[i].hello_us);
	for (i = 0; i < node->n_adjs; i++)
		next = earlier(next, one_next(node, node->adj[i]));
	return next;
}
