// SPDX-License-Identifier: GPL-2.0
/* See ear.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/genetlink.h>

#include <linux/damc_netlink.h>

#include "ear.h"

#define AT (NLMSG_HDRLEN + GENL_HDRLEN)

static const char * const groups[] = {
	DAMC_MCGRP_DEV, DAMC_MCGRP_NEIGH, DAMC_MCGRP_ROUTE, DAMC_MCGRP_BIND,
	DAMC_MCGRP_INFO, DAMC_MCGRP_SET, DAMC_MCGRP_POLICY,
};

int ear_open(struct dt_nl *ear)
{
	int err = dt_nl_open(ear), size = 32 << 20;
	size_t i;

	if (!err)
		setsockopt(ear->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
			   sizeof(size));
	for (i = 0; !err && i < sizeof(groups) / sizeof(*groups); i++)
		err = dt_join(ear, groups[i]);
	return err;
}

int ear_each(struct dt_nl *ear,
	     void (*each)(const struct nlmsghdr *nlh, void *arg), void *arg)
{
	static char buf[65536];
	struct nlmsghdr *nlh;
	ssize_t len;
	int n = 0;

	for (;;) {
		len = recv(ear->fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (len < 0)
			return errno == EAGAIN ? n : -errno;
		for (nlh = (void *)buf; NLMSG_OK(nlh, len);
		     nlh = NLMSG_NEXT(nlh, len)) {
			if (nlh->nlmsg_type != ear->family)
				continue;
			each(nlh, arg);
			n++;
		}
	}
}

const struct nlattr *ear_attr(const struct nlmsghdr *nlh, uint16_t type)
{
	return dt_find((const char *)nlh + AT, nlh->nlmsg_len - AT, type);
}

const struct nlattr *ear_inner(const struct nlattr *nest, uint16_t type)
{
	return dt_find(nest + 1, nest->nla_len - NLA_HDRLEN, type);
}

const struct nlattr *ear_next(const struct nlmsghdr *nlh, uint16_t type,
			      const struct nlattr *nest)
{
	const char *from = nest ? (const char *)nest + NLA_ALIGN(nest->nla_len) :
				  (const char *)nlh + AT;

	return dt_find(from, (const char *)nlh + nlh->nlmsg_len - from, type);
}

const char *ear_name(const struct nlattr *name)
{
	static char text[DAMC_NAME_MAX + 2];
	const uint8_t *wire = (const uint8_t *)(name + 1);
	size_t len = name->nla_len - NLA_HDRLEN, at = 0, out = 0;

	if (!len || len > DAMC_NAME_MAX)
		return len ? "?" : "/";
	while (at < len && at + 1 + wire[at] <= len) {
		text[out++] = '/';
		memcpy(text + out, wire + at + 1, wire[at]);
		out += wire[at];
		at += 1 + wire[at];
	}
	text[out] = 0;
	return text;
}

static const struct event {
	const char *word;
	uint16_t nest, key;
} events[DAMC_CMD_MAX + 1] = {
	[DAMC_CMD_DEV_NTF] = { "dev+", DAMC_A_DEV, DAMC_A_DEV_IFINDEX },
	[DAMC_CMD_DEV_DEL_NTF] = { "dev-", DAMC_A_DEV, DAMC_A_DEV_IFINDEX },
	[DAMC_CMD_NEIGH_NTF] = { "neigh+", DAMC_A_NEIGH, DAMC_A_NEIGH_ID },
	[DAMC_CMD_NEIGH_DEL_NTF] = { "neigh-", DAMC_A_NEIGH, DAMC_A_NEIGH_ID },
	[DAMC_CMD_ROUTE_NTF] = { "route+", DAMC_A_ROUTE, DAMC_A_ROUTE_NAME },
	[DAMC_CMD_ROUTE_DEL_NTF] = { "route-", DAMC_A_ROUTE, DAMC_A_ROUTE_NAME },
	[DAMC_CMD_BIND_NTF] = { "bind+", DAMC_A_BIND, DAMC_A_BIND_NAME },
	[DAMC_CMD_BIND_DEL_NTF] = { "bind-", DAMC_A_BIND, DAMC_A_BIND_NAME },
	[DAMC_CMD_INFO_NTF] = { "info+", DAMC_A_INFO, 0 },
	[DAMC_CMD_SET_NTF] = { "set+", DAMC_A_SET, DAMC_A_SET_ID },
	[DAMC_CMD_SET_DEL_NTF] = { "set-", DAMC_A_SET, DAMC_A_SET_ID },
	[DAMC_CMD_POLICY_NTF] = { "policy+", DAMC_A_POLICY, DAMC_A_POLICY_ID },
	[DAMC_CMD_POLICY_DEL_NTF] = { "policy-", DAMC_A_POLICY,
				      DAMC_A_POLICY_ID },
};

struct text {
	size_t len;
	char text[1 << 20];
};

static void add_text(struct text *text, const struct event *event,
		     const struct nlattr *key)
{
	size_t room = sizeof(text->text) - text->len;
	int n;

	if (event->key == DAMC_A_ROUTE_NAME &&
	    (event->nest == DAMC_A_ROUTE || event->nest == DAMC_A_BIND))
		n = snprintf(text->text + text->len, room, "%s%s ", event->word,
			     key ? ear_name(key) : "?");
	else
		n = snprintf(text->text + text->len, room, "%s%llu ",
			     event->word,
			     key ? (unsigned long long)dt_uint(key) : 0);
	if ((size_t)n < room)
		text->len += n;
}

static void event_text(const struct nlmsghdr *nlh, void *arg)
{
	const struct genlmsghdr *genl = NLMSG_DATA(nlh);
	const struct nlattr *nest = NULL;
	const struct event *event;

	if (genl->cmd > DAMC_CMD_MAX || !events[genl->cmd].word)
		return;
	event = &events[genl->cmd];
	while ((nest = ear_next(nlh, event->nest, nest)))
		add_text(arg, event, event->key ? ear_inner(nest, event->key) :
						  NULL);
}

const char *ear_text(struct dt_nl *ear)
{
	static struct text text;

	text.len = 0;
	text.text[0] = 0;
	if (ear_each(ear, event_text, &text) < 0)
		snprintf(text.text, sizeof(text.text), "(lost)");
	return text.text;
}
