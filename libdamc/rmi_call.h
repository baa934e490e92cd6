/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside the calling core: a call, its transmissions and what is known of
 * them, the parts that its request goes in and its reply comes in.
 */
#ifndef _DAMC_RMI_CALL_H
#define _DAMC_RMI_CALL_H

#include "rmi_client_core.h"
#include "rmi_gather.h"
#include "rmi_peer.h"

/*
 * A transmission that is not among the first so many is never accounted for.
 * Calls of up to RMI_INTERVALS * RMI_INTERVAL_MAX make fewer.
 */
#define RMI_TRACKED_TX 256
/* And of a request in parts. */
#define RMI_TRACKED_TX_PARTS 4096

#define RMI_CALL_BUCKETS 256

/**
 * struct rmi_sending - a part of a request, or the whole of a small one
 * @sent_at: when it was last
 * @tx: number of that transmission
 * @open: transmissions of it that are not accounted for
 * @untracked: some can't be
 * @acked: the server has it
 * @flight: the last transmission counts in the peer's window
 */
struct rmi_sending {
	uint64_t sent_at;
	uint16_t tx;
	uint16_t open;
	bool untracked;
	bool acked;
	bool flight;
};

/**
 * struct rmi_call - a call
 * @next, @prev: among the core's; the one that waits longest for its turn first
 * @hash: the next with the same hash of @id
 * @peer: whom it is to
 * @data, @len, @method, @method_len, @record, @flow: what is asked, and how
 * @deadline, @first_sent: times
 * @at: nothing is sent before; then, if the request is whole, it is again
 * @interval, @interval_max: to wait for an answer
 * @backed_off: when @interval was doubled for parts
 * @id, @incarnation, @not_after, @to: the terms it runs under, with whom;
 *	incarnation 0: it asks for them
 * @tx: number of the last transmission
 * @open_tx: bits of those not accounted for; @tracked of them
 * @part_of: which part each was, NULL if the request is whole
 * @n_parts: of the request
 * @sending: so many; &@whole if there is one
 * @in: the reply, as its parts come
 * @asked: bits of its parts that are asked for and under way
 * @asked_at: since when
 * @pull_tx, @pull_at: the last PULL
 * @last: index of the part sent last, or one of the following
 * @last_asked: bits that the last PULL asked for
 * @due: it wants to send what is whole
 * @heard, @taken, @gone, @no_room, @bounces, @bounce_tx: what has been heard
 * @issues: how often it has begun anew
 * @err, @reply: what came of it; of @reply not the paths
 * @paths: there and back, NULL if no record was asked for
 */
struct rmi_call {
	struct rmi_call *next, *prev;
	struct rmi_call *hash;
	struct rmi_peer *peer;

	uint8_t *data;
	size_t len;
	uint8_t method_len;
	bool record;
	uint32_t flow;

	uint64_t deadline;
	uint64_t first_sent;
	uint64_t at;
	uint64_t interval;
	uint64_t interval_max;
	uint64_t backed_off;

	uint64_t id;
	uint64_t incarnation;
	uint64_t not_after;
	uint16_t tx;
	unsigned int tracked;
	uint64_t *open_tx;
	uint64_t open_few[RMI_TRACKED_TX / 64];
	uint8_t *part_of;
	unsigned int n_parts;
	struct rmi_sending *sending;
	struct rmi_sending whole;

	struct rmi_gather in;
	uint64_t asked;
	uint64_t *asked_at;
	uint16_t pull_tx;
	uint64_t pull_at;
	int last;
	uint64_t last_asked;

	bool due;
	bool heard;
	bool taken;
	bool gone;
	bool no_room;
	bool ended;
	unsigned int bounces;
	uint16_t bounce_tx;
	unsigned int issues;
	int err;
	enum damc_rmi_status status;
	enum damc_error_code error;
	struct damc_name server;
	void *reply;
	size_t reply_len;
	unsigned int transmissions;
	uint64_t rtt_us;
	struct damc_rmi_path *paths;
	/* From here on nothing is cleared for a new call. */
	struct damc_name to;
	uint8_t method[DAMC_RMI_METHOD_MAX];
};

/* In place of an index in @last: a PULL. */
#define RMI_LAST_PULL (-1)

struct rmi_client_core {
	uint64_t client;
	uint64_t random;
	uint64_t last_id;
	struct rmi_peers peers;
	struct rmi_call *first, *last;
	struct rmi_call *bucket[RMI_CALL_BUCKETS];
	unsigned int n_calls;
	bool shutdown;
};

/* For jitter, labels and numbers that only must differ. */
uint64_t rmi_core_random(struct rmi_client_core *core);
uint32_t rmi_core_flow(struct rmi_client_core *core);

/* @interval, a quarter more or less. */
uint64_t rmi_core_jitter(struct rmi_client_core *core, uint64_t interval);

/* The call of a number that has not ended, or NULL. */
struct rmi_call *rmi_core_find(struct rmi_client_core *core, uint64_t id);

/*
 * The call's last packet did not leave: true if all that is to be done is to
 * try again.
 */
bool rmi_client_core_undo(struct rmi_call *call, int err, uint64_t now);

/* NULL: no memory. It is nobody's and to nobody yet. */
struct rmi_call *rmi_call_new(const struct damc_rmi_request *request);
/* Of no core's list any more. */
void rmi_call_destroy(struct rmi_call *call);

void rmi_core_hash(struct rmi_client_core *core, struct rmi_call *call);
void rmi_core_unhash(struct rmi_client_core *core, struct rmi_call *call);

/* Into the core's list as its last, and out of it. */
void rmi_core_link(struct rmi_client_core *core, struct rmi_call *call);
void rmi_core_unlink(struct rmi_client_core *core, struct rmi_call *call);

/*
 * Begin under the terms that are known now, or ask for them. The number is
 * new, so nothing said about former transmissions is taken for these, and
 * numbers a server sees rise in the order of their first REQUEST.
 */
void rmi_call_issue(struct rmi_client_core *core, struct rmi_call *call,
		    uint64_t now);
void rmi_call_end(struct rmi_call *call, enum damc_rmi_status status);

/* Nothing of it is under way any more that its peer's window should count. */
void rmi_call_ground(struct rmi_call *call);

/* It goes whole: asking for terms, or small enough. */
static inline bool rmi_call_is_whole(const struct rmi_call *call)
{
	return !call->incarnation || call->n_parts == 1;
}

/* No transmission was, or will be, executed. */
bool rmi_call_not_taken(const struct rmi_call *call);

/* The part that transmission @tx was of, if it can be told; else NULL. */
struct rmi_sending *rmi_call_sending(struct rmi_call *call, uint16_t tx);

/* Transmission call->tx of part @index leaves, and may be executed. */
void rmi_call_track(struct rmi_call *call, unsigned int index);
/* Transmission @tx was not taken. */
void rmi_call_account(struct rmi_call *call, uint16_t tx);

/* The server that may have taken it is gone: wait for what is under way. */
void rmi_call_server_gone(struct rmi_call *call, uint64_t now);

/* Nothing was heard: wait longer next time. */
void rmi_call_back_off(struct rmi_call *call);

/* The first part that is neither with the server nor under way, or -1. */
int rmi_call_next_part(const struct rmi_call *call);

/*
 * Which parts of the reply to ask for, if there is room for so many: it isn't
 * worth a packet for each part that there is room for.
 */
uint64_t rmi_call_wanted(const struct rmi_call *call, uint32_t room);

/* Every part of the request has come, so none is sent again. */
void rmi_call_taken(struct rmi_call *call);

#endif /* _DAMC_RMI_CALL_H */
