/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Control against a scripted peer: at the other end of a socketpair lie the
 * kernel's answers before the question is put, and afterwards the question.
 */
#ifndef CTL_PEER_H
#define CTL_PEER_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "check.h"
#include "ctl.h"

#define FAMILY 33
#define PORT 4711

extern const struct damc_name b4;
extern const struct damc_lladdr mac;

/* The two ends; the peer's is ours. */
struct peer {
	struct damc_ctl *ctl;
	int fd;
	/* Of the dump that another thread answers. */
	uint32_t seq;
	/* A batch's request is somewhat larger than any answer. */
	uint32_t buf[2 * CTL_REPLY_MAX / 4];
};

int open_peer(void **state);
int close_peer(void **state);

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_peer, close_peer)

/* Begin a message in @peer->buf; of the family, in case of reply(). */
struct nlmsghdr *message(struct peer *peer, uint16_t type);
struct nlmsghdr *reply(struct peer *peer);

/* Lay an answer ready; say_error() with 0 is an acknowledgment. */
void say(struct peer *peer, const struct nlmsghdr *msg);
void say_error(struct peer *peer, int err, const char *words);
void say_done(struct peer *peer, int err, const char *words);

#define DO (NLM_F_REQUEST | NLM_F_ACK)
#define DUMP (NLM_F_REQUEST | NLM_F_DUMP)

/* The request that was sent; its command is checked. */
const struct nlmsghdr *heard(struct peer *peer, uint8_t cmd, uint16_t flags);

/* The one nest a request holds, its flag set. */
const struct nlattr *nest_of(const struct nlmsghdr *msg, uint16_t type);

/* The @nth attribute of a type in a nest, or NULL. */
const struct nlattr *find(const struct nlattr *nest, uint16_t type, int nth);
void has_u32(const struct nlattr *nest, uint16_t type, uint32_t value);
void has_bytes(const struct nlattr *nest, uint16_t type, const void *bytes,
	       size_t len);

/* Objects in answers. */
struct damc_route full_route(void);
void put_route(struct nlmsghdr *msg, const struct damc_route *route);
/* Two instances, configured and bound. */
void put_pool(struct nlmsghdr *msg, const struct damc_name *name);
void put_info(struct nlmsghdr *msg, const struct damc_name *name);
void say_dev(struct peer *peer, uint32_t ifindex, uint32_t mode);

#endif /* CTL_PEER_H */
