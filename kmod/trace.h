/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: what the FIB decided, and what became of a packet. Names are
 * written as text, when somebody listens.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM damc

#if !defined(_DAMC_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _DAMC_TRACE_H

#include <linux/tracepoint.h>

#include "name.h"
#include "netlink_gen.h"

#define damc_show_type(type) __print_symbolic(type, \
	{ 0, "none" }, \
	{ DAMC_ROUTE_TYPE_UNICAST, "unicast" }, \
	{ DAMC_ROUTE_TYPE_LOCAL, "local" }, \
	{ DAMC_ROUTE_TYPE_EDGE, "edge" }, \
	{ DAMC_ROUTE_TYPE_UNREACHABLE, "unreachable" }, \
	{ DAMC_ROUTE_TYPE_PROHIBIT, "prohibit" }, \
	{ DAMC_ROUTE_TYPE_POOL, "pool" })

/* A destination was looked up: how much of it matched, and what follows. */
TRACE_EVENT(damc_lookup,
	TP_PROTO(const struct damc_name *dst, const struct damc_name *prefix,
		 u32 type),
	TP_ARGS(dst, prefix, type),
	TP_STRUCT__entry(
		__array(char, dst, DAMC_NAME_TEXT_MAX)
		__array(char, prefix, DAMC_NAME_TEXT_MAX)
		__field(u32, type)
	),
	TP_fast_assign(
		damc_name_text(dst, __entry->dst, DAMC_NAME_TEXT_MAX);
		damc_name_text(prefix, __entry->prefix, DAMC_NAME_TEXT_MAX);
		__entry->type = type;
	),
	TP_printk("dst=%s prefix=%s type=%s", __entry->dst, __entry->prefix,
		  damc_show_type(__entry->type))
);

/* A packet to a pool goes to one of its instances. */
TRACE_EVENT(damc_pick,
	TP_PROTO(const struct damc_name *src, const struct damc_name *pool,
		 const struct damc_name *member, u32 flow, bool pinned),
	TP_ARGS(src, pool, member, flow, pinned),
	TP_STRUCT__entry(
		__array(char, src, DAMC_NAME_TEXT_MAX)
		__array(char, pool, DAMC_NAME_TEXT_MAX)
		__array(char, member, DAMC_NAME_TEXT_MAX)
		__field(u32, flow)
		__field(bool, pinned)
	),
	TP_fast_assign(
		damc_name_text(src, __entry->src, DAMC_NAME_TEXT_MAX);
		damc_name_text(pool, __entry->pool, DAMC_NAME_TEXT_MAX);
		damc_name_text(member, __entry->member, DAMC_NAME_TEXT_MAX);
		__entry->flow = flow;
		__entry->pinned = pinned;
	),
	TP_printk("src=%s pool=%s member=%s flow=%#x by=%s", __entry->src,
		  __entry->pool, __entry->member, __entry->flow,
		  __entry->pinned ? "pin" : "hash")
);

/* A packet goes to a neighbour, made here or forwarded. */
TRACE_EVENT(damc_send,
	TP_PROTO(const struct damc_name *src, const struct damc_name *dst,
		 u32 neigh, int ifindex, u8 hop_limit, unsigned int len),
	TP_ARGS(src, dst, neigh, ifindex, hop_limit, len),
	TP_STRUCT__entry(
		__array(char, src, DAMC_NAME_TEXT_MAX)
		__array(char, dst, DAMC_NAME_TEXT_MAX)
		__field(u32, neigh)
		__field(int, ifindex)
		__field(u8, hop_limit)
		__field(unsigned int, len)
	),
	TP_fast_assign(
		damc_name_text(src, __entry->src, DAMC_NAME_TEXT_MAX);
		damc_name_text(dst, __entry->dst, DAMC_NAME_TEXT_MAX);
		__entry->neigh = neigh;
		__entry->ifindex = ifindex;
		__entry->hop_limit = hop_limit;
		__entry->len = len;
	),
	TP_printk("src=%s dst=%s neigh=%u ifindex=%d hop_limit=%u len=%u",
		  __entry->src, __entry->dst, __entry->neigh, __entry->ifindex,
		  __entry->hop_limit, __entry->len)
);

/* A packet is dropped. Names are the root where the header was not read. */
TRACE_EVENT(damc_drop,
	TP_PROTO(const struct damc_name *src, const struct damc_name *dst,
		 u32 reason),
	TP_ARGS(src, dst, reason),
	TP_STRUCT__entry(
		__array(char, src, DAMC_NAME_TEXT_MAX)
		__array(char, dst, DAMC_NAME_TEXT_MAX)
		__field(u32, reason)
	),
	TP_fast_assign(
		damc_name_text(src, __entry->src, DAMC_NAME_TEXT_MAX);
		damc_name_text(dst, __entry->dst, DAMC_NAME_TEXT_MAX);
		__entry->reason = reason;
	),
	TP_printk("src=%s dst=%s reason=%s", __entry->src, __entry->dst,
		  __print_symbolic(__entry->reason, DAMC_DROP_SYMBOLS))
);

#endif /* _DAMC_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
