// SPDX-License-Identifier: GPL-2.0
/* The fake library, see fake.h: what its parts share, and all but routes, pools and calls. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

struct damc_ctl {
	const char *words;
};

static struct damc_ctl the_ctl = { "" };

void fake_words(const char *words)
{
	the_ctl.words = words;
}

bool fake_is(const char *mode)
{
	const char *wanted = getenv("DAMC_FAKE");

	return wanted && !strcmp(wanted, mode);
}

struct damc_name fake_name(const char *text)
{
	struct damc_name name = { 0 };

	if (damc_name_parse(&name, text, NULL))
		abort();
	return name;
}

const char *fake_text(const struct damc_name *name)
{
	static char text[2][DAMC_NAME_TEXT_MAX];
	static int turn;

	turn = !turn;
	return damc_name_format(name, text[turn], sizeof(text[turn])) < 0 ?
		"?" : text[turn];
}

struct damc_lladdr fake_mac(uint8_t last)
{
	return (struct damc_lladdr){ 6, { 2, 0, 0, 0, 0, last } };
}

void fake_say_lladdr(const struct damc_lladdr *addr)
{
	unsigned int i;

	for (i = 0; i < addr->len; i++)
		fprintf(stderr, i ? ":%02x" : " lladdr %02x", addr->addr[i]);
}

int fake_change(void)
{
	fputc('\n', stderr);
	the_ctl.words = fake_is("refuse") ? "the fake kernel refuses" : "";
	if (fake_is("refuse"))
		return -EINVAL;
	return fake_is("eperm") ? -EPERM : 0;
}

struct damc_ctl *damc_ctl_open(void)
{
	if (fake_is("nomodule")) {
		errno = EAFNOSUPPORT;
		return NULL;
	}
	return &the_ctl;
}

void damc_ctl_close(struct damc_ctl *ctl)
{
	(void)ctl;
}

const char *damc_ctl_error(const struct damc_ctl *ctl)
{
	return ctl->words;
}

int fake_end(void)
{
	fake_words("");
	return fake_is("broken") ? -EIO : 0;
}

void fake_say_inet(const struct damc_inet_addr *remote, uint32_t port,
		   const struct damc_inet_addr *local)
{
	unsigned int i;

	if (!remote->len)
		return;
	fprintf(stderr, " udp");
	for (i = 0; i < remote->len; i++)
		fprintf(stderr, " %u", remote->addr[i]);
	fprintf(stderr, " port %u", port);
	for (i = 0; i < local->len; i++)
		fprintf(stderr, " %u", local->addr[i]);
}

int damc_info_get(struct damc_ctl *ctl, struct damc_info *info)
{
	(void)ctl;
	*info = (struct damc_info){
		.version = "0.1", .family = 18, .ethertype = 0x88b5,
		.routes = 5, .binds = 3, .neighs = 2,
		.forward = !fake_is("broken"), .lease_ms = fake_is("broken") ? 4000 : 0,
		.bind_policy = fake_is("broken") ? DAMC_BIND_POLICY_MANAGED :
						   DAMC_BIND_POLICY_OPEN,
	};
	info->has_name = !fake_is("empty");
	if (info->has_name)
		info->name = fake_name("/damc/node/sg1");
	return 0;
}

int damc_info_set_name(struct damc_ctl *ctl, const struct damc_name *name)
{
	(void)ctl;
	fprintf(stderr, "fake: info name %s", fake_text(name));
	return fake_change();
}

int damc_info_set_bind_policy(struct damc_ctl *ctl,
			      enum damc_bind_policy policy)
{
	(void)ctl;
	fprintf(stderr, "fake: info bind-policy %d", policy);
	return fake_change();
}

int damc_info_set_udp_port(struct damc_ctl *ctl, uint32_t port)
{
	(void)ctl;
	fprintf(stderr, "fake: info udp-port %u", port);
	return fake_change();
}

int damc_info_set_lease(struct damc_ctl *ctl, uint32_t ms)
{
	(void)ctl;
	fprintf(stderr, "fake: info lease %u", ms);
	return fake_change();
}

int damc_info_set_forward(struct damc_ctl *ctl, bool forward)
{
	(void)ctl;
	fprintf(stderr, "fake: info forward %d", forward);
	return fake_change();
}

int damc_dev_set(struct damc_ctl *ctl, uint32_t ifindex, enum damc_dev_mode mode)
{
	(void)ctl;
	fprintf(stderr, "fake: dev %u mode %d", ifindex, mode);
	return fake_change();
}

int damc_edge_set(struct damc_ctl *ctl, uint32_t ifindex,
		  const struct damc_edge *edge)
{
	unsigned int i;

	(void)ctl;
	fprintf(stderr, "fake: dev %u edge has %#x lladdr", ifindex, edge->has);
	for (i = 0; i < edge->lladdr.len; i++)
		fprintf(stderr, " %02x", edge->lladdr.addr[i]);
	fprintf(stderr, " rate %u burst %u class %u", edge->rate, edge->burst,
		edge->class_max);
	return fake_change();
}

int damc_dev_get(struct damc_ctl *ctl, uint32_t ifindex, struct damc_dev *dev)
{
	(void)ctl;
	*dev = (struct damc_dev){ .ifindex = ifindex, .mtu = 65535 };
	return 0;
}

int damc_dev_dump(struct damc_ctl *ctl,
		  int (*each)(const struct damc_dev *dev, void *arg), void *arg)
{
	static const struct damc_dev devs[] = {
		{ .ifindex = 1, .mode = DAMC_DEV_MODE_UP, .mtu = 65535 },
		{ .ifindex = 99999, .mode = DAMC_DEV_MODE_EDGE, .mtu = 1500,
		  .edge = { .has = DAMC_EDGE_RATE | DAMC_EDGE_BURST |
				   DAMC_EDGE_CLASS,
			    .burst = 256, .class_max = 6 } },
		{ .ifindex = 99997, .mode = DAMC_DEV_MODE_EDGE, .mtu = 1500,
		  .edge = { .has = DAMC_EDGE_LLADDR | DAMC_EDGE_RATE |
				   DAMC_EDGE_BURST | DAMC_EDGE_CLASS,
			    .lladdr = { 6, { 2, 0, 0, 0, 0, 9 } },
			    .rate = 1000, .burst = 50, .class_max = 2 } },
		{ .ifindex = 99998, .mode = 7, .mtu = 1480 },
	};
	int i;

	(void)ctl;
	for (i = 0; i < 4 && !fake_is("empty"); i++)
		each(&devs[i], arg);
	return fake_end();
}

int damc_neigh_create(struct damc_ctl *ctl, const struct damc_neigh *key,
		      uint32_t *id)
{
	(void)ctl;
	fprintf(stderr, "fake: neigh add dev %u", key->ifindex);
	fake_say_lladdr(&key->lladdr);
	fake_say_inet(&key->remote, key->port, &key->local);
	*id = 17;
	return fake_change();
}

int damc_neigh_del(struct damc_ctl *ctl, const struct damc_neigh *key)
{
	(void)ctl;
	fprintf(stderr, "fake: neigh del id %u dev %u", key->id, key->ifindex);
	fake_say_lladdr(&key->lladdr);
	fake_say_inet(&key->remote, key->port, &key->local);
	return fake_change();
}

int damc_neigh_set(struct damc_ctl *ctl, const struct damc_neigh *key,
		   const struct damc_neigh_config *config)
{
	size_t i;

	(void)ctl;
	fprintf(stderr, "fake: neigh set id %u dev %u", key->id, key->ifindex);
	fake_say_lladdr(&key->lladdr);
	fake_say_inet(&key->remote, key->port, &key->local);
	fprintf(stderr, " has %#x admin %d interval %u multiplier %u key",
		config->has, config->admin, config->interval_ms,
		config->multiplier);
	for (i = 0; i < sizeof(config->key); i++)
		fprintf(stderr, " %02x", config->key[i]);
	return fake_change();
}

int damc_neigh_dump(struct damc_ctl *ctl,
		    int (*each)(const struct damc_neigh *neigh, void *arg),
		    void *arg)
{
	struct damc_neigh neighs[] = {
		{ .id = 1, .ifindex = 1, .lladdr = fake_mac(1), .mtu = 1500,
		  .flags = DAMC_NEIGH_FLAGS_PERMANENT, .tx_packets = 3,
		  .tx_bytes = UINT64_MAX, .admin = DAMC_NEIGH_ADMIN_UP,
		  .status = DAMC_NEIGH_STATUS_UP },
		{ .id = 4294967295, .ifindex = 99999, .mtu = 1480,
		  .flags = 0xf3 },
		{ .id = 3, .ifindex = 1, .lladdr = fake_mac(3), .mtu = 1280,
		  .live = { .interval_ms = 10000, .multiplier = 255,
			    .state = DAMC_LIVENESS_STATE_DOWN,
			    .reason = DAMC_LIVENESS_REASON_SILENT },
		  .admin = DAMC_NEIGH_ADMIN_DOWN,
		  .status = DAMC_NEIGH_STATUS_ADMIN_DOWN },
		{ .id = 4, .remote = { 4, { 192, 0, 2, 1 } }, .port = 3625,
		  .mtu = 1472,
		  .live = { .interval_ms = 10, .multiplier = 3,
			    .state = DAMC_LIVENESS_STATE_UP,
			    .reason = DAMC_LIVENESS_REASON_NONE, .flags = 3,
			    .sent_us = 10000, .detect_us = 30000, .downs = 1,
			    .stalls = 2, .delay_ns = 4567, .jitter_ns = 89,
			    .received = UINT64_MAX, .lost = 12 } },
		{ .id = 5, .remote = { 16, { 0xfd } }, .port = 4000, .ifindex = 1,
		  .local = { 16, { 0xfe, 0x80 } }, .mtu = 1452 },
	};
	int i;

	(void)ctl;
	for (i = 0; i < 5 && !fake_is("empty"); i++)
		each(&neighs[i], arg);
	return fake_end();
}

int damc_bind_take(struct damc_ctl *ctl, const struct damc_name *name,
		   uint32_t ifindex, uint32_t weight,
		   enum damc_route_protocol over)
{
	(void)ctl;
	fprintf(stderr, "fake: bind add %s dev %u", fake_text(name), ifindex);
	if (weight)
		fprintf(stderr, " member weight %u", weight);
	if (over)
		fprintf(stderr, " over %u", over);
	return fake_change();
}

int damc_bind_del(struct damc_ctl *ctl, const struct damc_name *name)
{
	(void)ctl;
	fprintf(stderr, "fake: bind del %s", fake_text(name));
	return fake_change();
}

int damc_bind_dump(struct damc_ctl *ctl,
		   int (*each)(const struct damc_bind *bind, void *arg),
		   void *arg)
{
	struct damc_bind binds[] = {
		{ fake_name("/b/4"), 0, DAMC_BIND_KIND_SOCKET, DAMC_PROTO_MESSAGE,
		  1000, 4242, 12, 0, 3, DAMC_BIND_STANDING_REFUSED,
		  "no policy allows it" },
		{ fake_name("/pod/n/1/~%00%ff"), 0, DAMC_BIND_KIND_EPHEMERAL,
		  DAMC_PROTO_ECHO, 0, 1, 0, 0, 0, 0, "" },
		{ fake_name("/pod/n/1"), 99999, DAMC_BIND_KIND_DEV, 0, 0, 0, 0, 0,
		  0, 0, "" },
		{ fake_name("/b/5"), 99999, DAMC_BIND_KIND_DEV, 0, 0, 0, 0, 0, 1,
		  0, "" },
	};
	int i;

	(void)ctl;
	for (i = 0; i < 4 && !fake_is("empty"); i++)
		each(&binds[i], arg);
	return fake_end();
}

int damc_stats_get(struct damc_ctl *ctl, struct damc_stats *stats)
{
	(void)ctl;
	memset(stats, 0, sizeof(*stats));
	stats->counter[DAMC_A_STATS_RX_PACKETS] = 123;
	stats->counter[DAMC_A_STATS_RX_BYTES] = UINT64_MAX;
	stats->counter[DAMC_A_STATS_DROP_NO_ROUTE] = 1;
	return 0;
}
