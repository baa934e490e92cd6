/* SPDX-License-Identifier: GPL-2.0 */
/* What the C tests share: names, sockets, packets, netlink, namespaces. */
#ifndef DAMC_TESTLIB_H
#define DAMC_TESTLIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <linux/netlink.h>

#include <linux/damc.h>

#define DT_FRAME_MAX 9014

/*
 * Seconds that a test may take before it counts as hung. The harness' own 30
 * are passed by an emulated debug kernel on a machine with other work, too.
 */
#ifdef TEST_TIMEOUT_DEFAULT
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 120
#endif

/* A seed for what is random: DAMC_SEED in the environment, else the clock. */
uint64_t dt_seed(void);
uint32_t dt_random(uint64_t *state);

/* Whether this is the debug kernel, in emulation: a tenth as fast. */
bool dt_checked(void);

/* Before a descriptor, for a program that inherits it. */
#define DT_FD "/proc/self/fd/"

/* Run a shell command given as for printf(); 0 if it exits 0. */
int dt_run(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Commands for "damc -b -", one a line; 0 if all succeed. */
int dt_damc(const char *commands);
/* Those, of which one is to be refused; 0 if it is. What is said is not shown. */
int dt_damc_refused(const char *commands);
/* Commands for "ip -b -", one a line, given as for printf(); 0 if all succeed. */
int dt_ip(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Names: "/a/1", no escapes. */
uint8_t dt_wire(const char *text, uint8_t *wire);
socklen_t dt_addr(struct sockaddr_damc *sa, const char *text, uint32_t flow);
bool dt_addr_is(const struct sockaddr_damc *sa, const char *text);
int dt_bound(int protocol, const char *text);
ssize_t dt_send(int fd, const char *to, const void *data, size_t len);
ssize_t dt_recv(int fd, void *data, size_t len, struct sockaddr_damc *from);
/* Whether something can be read within so many milliseconds. */
bool dt_readable(int fd, int ms);

/**
 * struct dt_packet - a packet to be written
 * @tlvs: bytes between names and payload, may be NULL
 */
struct dt_packet {
	const char *dst, *src;
	const void *payload;
	const void *tlvs;
	size_t payload_len, tlvs_len;
	uint32_t flow, path;
	uint8_t proto, hop_limit, class, flags;
};

size_t dt_packet_write(uint8_t *to, const struct dt_packet *packet);
/* Whether a packet's destination (which = 0) or source (1) is @text. */
bool dt_packet_name(const uint8_t *packet, int which, const char *text);

/* Frames: AF_PACKET sockets on an interface of the present namespace. */
int dt_frames_open(const char *dev);
int dt_frame_send(int fd, const void *packet, size_t len);
/* To another address than DAMC's group. */
int dt_frame_send_to(int fd, const void *lladdr, const void *packet, size_t len);
/* Without link header; waits so many milliseconds; -1 if none came. */
ssize_t dt_frame_recv(int fd, void *packet, size_t len, int ms);

/* Netlink. */
struct dt_nl {
	int fd;
	uint16_t family;
	uint32_t seq;
	/* of the last answer */
	char message[256];
	bool has_message;
	/* what of the request it took offence at; 0 if it does not say */
	uint32_t offset;
};

struct dt_msg {
	struct nlmsghdr nlh;
	uint8_t rest[16384];
};

int dt_nl_open(struct dt_nl *nl);
void dt_msg_init(const struct dt_nl *nl, struct dt_msg *msg, uint8_t cmd,
		 uint16_t flags);
void dt_put(struct dt_msg *msg, uint16_t type, const void *data, size_t len);
void dt_put_u32(struct dt_msg *msg, uint16_t type, uint32_t value);
void dt_put_name(struct dt_msg *msg, uint16_t type, const char *text);
struct nlattr *dt_nest(struct dt_msg *msg, uint16_t type);
void dt_nest_end(struct dt_msg *msg, struct nlattr *nest);
/* Send, and wait for success or error, which is returned negative. */
int dt_talk(struct dt_nl *nl, struct dt_msg *msg, struct dt_msg *reply);
const struct nlattr *dt_find(const void *attrs, size_t len, uint16_t type);
const struct nlattr *dt_reply_find(const struct dt_msg *reply, uint16_t type);

/* Each message of a dump, or of the answer to a request; 0, or its error. */
int dt_each(struct dt_nl *nl, struct dt_msg *msg,
	    void (*each)(const struct nlmsghdr *nlh, void *arg), void *arg);
/* Step through a nest's attributes; NULL to begin, and at the end. */
const struct nlattr *dt_next(const struct nlattr *nest,
			     const struct nlattr *attr);
uint64_t dt_uint(const struct nlattr *attr);
/* Hear what is told to a group of the family's. */
int dt_join(struct dt_nl *nl, const char *group);

/* All counters, by DAMC_A_STATS_*. */
int dt_stats(struct dt_nl *nl, uint64_t stats[DAMC_A_STATS_MAX + 1]);
/*
 * What came in less what went out or was dropped: 0 if each packet is counted
 * once. An echo request answered is one packet in and another out.
 */
int64_t dt_stats_balance(const uint64_t stats[DAMC_A_STATS_MAX + 1]);

/* A new namespace, entered; returns a descriptor of it. */
int dt_netns_new(void);
int dt_netns_enter(int fd);

/**
 * struct dt_node - a namespace with two links, whose other ends are sockets
 * @net: the namespace, /damc/node/g
 * @outside: the one with the other ends
 * @v: other end of v0, MTU 9000, towards /p
 * @w: other end of w0, MTU 1500, towards /far
 */
struct dt_node {
	struct dt_nl nl;
	int net, outside;
	int v, w;
	uint8_t packet[DT_FRAME_MAX];
	uint8_t got[DT_FRAME_MAX];
	uint64_t before[DAMC_A_STATS_MAX + 1];
	uint64_t after[DAMC_A_STATS_MAX + 1];
};

/* Made and entered; @mode is v0's, "up" or "edge". 0, or the step that failed. */
int dt_node_open(struct dt_node *node, const char *mode);
/* How much a counter grew since dt_node_mark(); all are read anew. */
int64_t dt_node_grew(struct dt_node *node, int counter);
int dt_node_mark(struct dt_node *node);

#endif
