// SPDX-License-Identifier: GPL-2.0
/* Claims: see claim.h. */
#include <linux/kernel.h>
#include <linux/string.h>

#include <linux/damc_netlink.h>

#include "claim.h"

#define DAMC_CLAIM_MS 1000000ULL
#define DAMC_CLAIM_ASK (DAMC_BIND_ASK_MS * DAMC_CLAIM_MS)
#define DAMC_CLAIM_ASK_MAX (DAMC_BIND_ASK_MAX_MS * DAMC_CLAIM_MS)

/* A terminal shows it: nothing in it may be more than a letter. */
static bool damc_claim_printable(const u8 *text, unsigned int len)
{
	while (len--)
		if (text[len] < ' ' || text[len] > '~')
			return false;
	return true;
}

/**
 * damc_claim_read() - check a message
 * @data: the message
 * @len: its bytes
 * @msg: gets what it says; points into @data
 *
 * Return: 0 or -EINVAL.
 */
int damc_claim_read(const u8 *data, size_t len, struct damc_claim_msg *msg)
{
	const struct damc_bind_hdr *hdr = (const void *)data;

	if (len < sizeof(*hdr) || hdr->version != DAMC_BIND_VERSION ||
	    len != sizeof(*hdr) + hdr->name_len + hdr->reason_len ||
	    hdr->name_len > DAMC_NAME_MAX ||
	    hdr->reason_len > DAMC_BIND_REASON_MAX)
		return -EINVAL;
	msg->type = hdr->type;
	msg->weight = be16_to_cpu(hdr->weight);
	msg->id = be64_to_cpu(hdr->id);
	msg->name.wire = data + sizeof(*hdr);
	msg->name.len = hdr->name_len;
	msg->reason = data + sizeof(*hdr) + hdr->name_len;
	msg->reason_len = hdr->reason_len;
	if (damc_name_depth(msg->name.wire, msg->name.len) < 0 ||
	    !damc_claim_printable(msg->reason, msg->reason_len))
		return -EINVAL;
	return 0;
}

/**
 * damc_claim_write() - write a message
 * @data: DAMC_CLAIM_MSG_MAX bytes
 * @msg: what it is to say
 *
 * Return: its bytes.
 */
unsigned int damc_claim_write(u8 *data, const struct damc_claim_msg *msg)
{
	struct damc_bind_hdr *hdr = (void *)data;

	memset(hdr, 0, sizeof(*hdr));
	hdr->version = DAMC_BIND_VERSION;
	hdr->type = msg->type;
	hdr->name_len = msg->name.len;
	hdr->reason_len = msg->reason_len;
	hdr->weight = cpu_to_be16(msg->weight);
	hdr->id = cpu_to_be64(msg->id);
	memcpy(data + sizeof(*hdr), msg->name.wire, msg->name.len);
	if (msg->reason_len)
		memcpy(data + sizeof(*hdr) + msg->name.len, msg->reason,
		       msg->reason_len);
	return sizeof(*hdr) + msg->name.len + msg->reason_len;
}

/**
 * damc_claim_init() - a name was bound; it is to be asked for at once
 * @claim: the claim
 * @id: random
 * @now: the time, in ns
 */
void damc_claim_init(struct damc_claim *claim, u64 id, u64 now)
{
	*claim = (struct damc_claim){
		.id = id, .due = now, .wait = DAMC_CLAIM_ASK,
		.state = DAMC_CLAIM_WANTED,
	};
}

/* Less up to a quarter: many that began together do not stay so. */
static u64 damc_claim_jitter(u64 wait, u32 random)
{
	return wait - ((wait / 4) * (random & 0xff) >> 8);
}

/**
 * damc_claim_expire() - whether it is time to say something
 * @claim: the claim; is due later, or over, after this
 * @now: the time, in ns
 * @random: 32 random bits
 *
 * Return: true: want, or leave where it is leaving, is to be sent.
 */
bool damc_claim_expire(struct damc_claim *claim, u64 now, u32 random)
{
	if (now < claim->due)
		return false;
	if (claim->state == DAMC_CLAIM_LEAVING &&
	    claim->tries++ == DAMC_BIND_LEAVE_TRIES) {
		claim->state = DAMC_CLAIM_OVER;
		claim->due = U64_MAX;
		return false;
	}
	claim->due = now + damc_claim_jitter(claim->wait, random);
	claim->wait = min_t(u64, 2 * claim->wait, DAMC_CLAIM_ASK_MAX);
	return true;
}

static void damc_claim_rest(struct damc_claim *claim, u8 state, u64 due)
{
	claim->state = state;
	claim->due = due;
	claim->wait = DAMC_CLAIM_ASK;
}

/**
 * damc_claim_answer() - the gateway said something of this name
 * @claim: the claim
 * @msg: what
 * @now: the time, in ns
 *
 * What was granted stays so while the gateway is silent: its kernel forwards
 * without its daemon. A refusal is final.
 *
 * Return: whether the state has changed.
 */
bool damc_claim_answer(struct damc_claim *claim,
		       const struct damc_claim_msg *msg, u64 now)
{
	u8 old = claim->state;

	if (msg->id != claim->id)
		return false;
	if (old == DAMC_CLAIM_LEAVING) {
		if (msg->type == DAMC_BIND_MSG_LEFT)
			damc_claim_rest(claim, DAMC_CLAIM_OVER, U64_MAX);
		return claim->state != old;
	}
	if (old != DAMC_CLAIM_WANTED && old != DAMC_CLAIM_GRANTED)
		return false;
	if (msg->type == DAMC_BIND_MSG_GRANTED)
		damc_claim_rest(claim, DAMC_CLAIM_GRANTED,
				now + DAMC_CLAIM_ASK_MAX);
	else if (msg->type == DAMC_BIND_MSG_REFUSED)
		damc_claim_rest(claim, DAMC_CLAIM_REFUSED, U64_MAX);
	return claim->state != old;
}

/**
 * damc_claim_again() - the gateway is there, or there again: ask, soon
 * @claim: the claim
 * @now: the time, in ns
 * @random: 32 random bits
 *
 * Within the first wait, each at its own time.
 */
void damc_claim_again(struct damc_claim *claim, u64 now, u32 random)
{
	u64 due = now + (DAMC_CLAIM_ASK * (random & 0xff) >> 8);

	if (claim->state > DAMC_CLAIM_GRANTED || due >= claim->due)
		return;
	claim->due = due;
	claim->wait = DAMC_CLAIM_ASK;
}

/**
 * damc_claim_leave() - the socket was closed
 * @claim: the claim; over, if the gateway has nothing of it
 * @now: the time, in ns
 */
void damc_claim_leave(struct damc_claim *claim, u64 now)
{
	bool over = claim->state > DAMC_CLAIM_GRANTED;

	damc_claim_rest(claim, over ? DAMC_CLAIM_OVER : DAMC_CLAIM_LEAVING,
			over ? U64_MAX : now);
	claim->tries = 0;
}
