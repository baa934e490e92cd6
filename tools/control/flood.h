/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is to reach one neighbour: objects waiting and objects sent and not yet
 * acknowledged, by urgency, in a window, sent again with back-off. It holds
 * entries of the database, so it always sends the newest version. Bounded: what
 * finds it full is left to synchronisation (sync.c), which will find it missing.
 */
#ifndef DC_FLOOD_H
#define DC_FLOOD_H

#include <linux/damc_netlink.h>

#include "lsdb.h"
#include "ls_msg.h"

#define FLOOD_ITEMS_MAX 8192
#define FLOOD_WINDOW 128
#define FLOOD_CHAINS 64
#define FLOOD_RESEND_US 200000ull
#define FLOOD_RESEND_MAX_US 5000000ull

/*
 * What the neighbour's kernel takes from a neighbour is a bucket, and what is more
 * is lost, be it a hello. All packets to it are counted as if they came a 32nd
 * faster than they do; what is not urgent leaves an eighth of the bucket to hellos,
 * acknowledgments and bad news.
 */
#define FLOOD_PACKET_US (1000000ull * 32 / (DAMC_CONTROL_RATE * 31))
#define FLOOD_BUCKET_US (DAMC_CONTROL_BURST * FLOOD_PACKET_US)
#define FLOOD_REST_US (FLOOD_BUCKET_US / 8 * 7)

/* In this order, each before all of the next. */
enum flood_class {
	FLOOD_REVOCATION,
	FLOOD_BAD_NEWS,
	FLOOD_REST,
	FLOOD_CLASSES,
};

struct flood_list {
	struct flood_item *head;
	struct flood_item *tail;
};

/**
 * struct flood - a neighbour's
 * @waiting: by class
 * @sent: waiting for an acknowledgment; @sent_of: the same by hash
 * @next_us: when the first of @sent is to be sent again
 * @rested_us: when the neighbour takes as many packets in a row as it ever does
 * @paced: something that is not urgent waits for that
 * @overflow: something found it full
 */
struct flood {
	struct flood_list waiting[FLOOD_CLASSES];
	struct flood_list sent;
	struct flood_item *sent_of[FLOOD_CHAINS];
	uint32_t n;
	uint32_t n_sent;
	uint64_t next_us;
	uint64_t rested_us;
	bool paced;
	bool overflow;
	uint64_t resent;
};

void flood_init(struct flood *flood);
/* Empty it. */
void flood_clear(struct flood *flood);

/* The neighbour is to have @entry as it is now. */
void flood_add(struct flood *flood, struct lsdb_entry *entry);
/* The neighbour has this version of it, by an acknowledgment or its own copy. */
void flood_has(struct flood *flood, struct lsdb_entry *entry);
void flood_ack(struct flood *flood, uint64_t hash);

/* Whether flood_take() may have one. */
bool flood_waits(const struct flood *flood, bool urgent);
/*
 * The entry to send next, with as much room in the packet; it counts as sent.
 * NULL: none waits, fits, or the window is full. Urgent ones only, if @urgent; else
 * also if the neighbour was sent as much as it takes.
 */
struct lsdb_entry *flood_take(struct flood *flood, size_t room, bool urgent,
			      uint64_t now_us);
/* A packet is sent to the neighbour, whatever is in it. */
void flood_spend(struct flood *flood, uint64_t now_us);
/* Put what was not acknowledged in time back to what waits. */
void flood_timer(struct flood *flood, uint64_t now_us);
uint64_t flood_next(const struct flood *flood);

#endif /* DC_FLOOD_H */
