/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libdamc - names, sockets, control and remote method invocation for DAMC.
 *
 * Functions that can fail return a negative errno value, or NULL with errno
 * set, and touch nothing else. No function is safe to call on one object from
 * two threads at once; different objects are independent.
 */
#ifndef DAMC_H
#define DAMC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <linux/damc.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- names (name.c) ---------------------------------------------------- */

/* Longest text of a name, its ending zero included: every byte as %XX. */
#define DAMC_NAME_TEXT_MAX (3 * DAMC_NAME_MAX + 2)

/**
 * struct damc_name - a name in wire form
 * @len: bytes of @wire in use, 0 is the root
 * @wire: components, each a length byte and that many bytes
 */
struct damc_name {
	uint8_t len;
	uint8_t wire[DAMC_NAME_MAX];
};

/**
 * damc_name_parse() - read a name's text
 * @name: where it goes; unchanged on error
 * @text: RFC 3986 path, "/shop/cart/3"; "/" is the root
 * @why: if not NULL, set to an English reason on error (a constant)
 *
 * Any byte may be written as %XX; "." and ".." as whole components must be.
 * Return: 0; -EINVAL if it is no name; -ENAMETOOLONG.
 */
int damc_name_parse(struct damc_name *name, const char *text, const char **why);

/**
 * damc_name_format() - write a name's one text
 * @buf: gets the text and a zero
 * @size: of @buf; DAMC_NAME_TEXT_MAX always suffices
 *
 * Return: length of the text; -EINVAL if @name is not well formed; -ENOSPC.
 */
int damc_name_format(const struct damc_name *name, char *buf, size_t size);

/* Take wire form from anywhere: 0, or -EINVAL if it is not well formed. */
int damc_name_from_wire(struct damc_name *name, const void *wire, size_t len);

bool damc_name_equal(const struct damc_name *a, const struct damc_name *b);

/* Whether @name is @prefix or below it, by whole components. */
bool damc_name_below(const struct damc_name *name,
		     const struct damc_name *prefix);

/* Append one component: 0, -EINVAL (empty), -ENAMETOOLONG. */
int damc_name_append(struct damc_name *name, const void *component, size_t len);

/* ---- sockets (sock.c) -------------------------------------------------- */

/* The address family of the running module, or -EAFNOSUPPORT without it. */
int damc_family(void);

/* A socket of the family, close-on-exec: the descriptor or a negative errno. */
int damc_socket(enum damc_proto proto);

/* Fill @sa with @name; return the length to pass with it. */
socklen_t damc_sockaddr(struct sockaddr_damc *sa, const struct damc_name *name);

/*
 * What a DAMC_PKTINFO control message of recvmsg() tells: 0, or -ENOENT if
 * there is none; the socket option is DAMC_RECVPKTINFO.
 */
int damc_pktinfo(struct damc_pktinfo *info, const struct msghdr *msg);

/* The name in an address that the kernel gave: 0 or -EINVAL. */
int damc_sockaddr_name(struct damc_name *name, const struct sockaddr_damc *sa,
		       socklen_t len);

/* ---- control (ctl*.c) -------------------------------------------------- */

/*
 * One netlink socket to the family. A call that the kernel refuses returns its
 * errno and leaves its words in damc_ctl_error().
 */
struct damc_ctl;

struct damc_ctl *damc_ctl_open(void);
void damc_ctl_close(struct damc_ctl *ctl);

/* The kernel's own words about the last refusal, "" if it gave none. */
const char *damc_ctl_error(const struct damc_ctl *ctl);

struct damc_info {
	char version[64];
	uint32_t family;
	uint32_t ethertype;
	struct damc_name name;
	bool has_name;
	uint32_t routes;
	uint32_t binds;
	uint32_t neighs;
	/* That is open, 0 if none is. */
	uint32_t udp_port;
	/* What is left of the control lease, in ms. */
	uint32_t lease_ms;
	/* Whether neighbours are told to send packets here. */
	uint32_t forward;
	enum damc_bind_policy bind_policy;
};

struct damc_lladdr {
	uint8_t len;
	uint8_t addr[DAMC_LLADDR_MAX];
};

/**
 * struct damc_edge - what an edge's pod may do
 * @has: DAMC_EDGE_*, which of the others there are; of what is not there,
 *	damc_edge_set() leaves what was
 * @lladdr: the only link address it may send from; @lladdr.len 0: any
 * @rate: packets a second that are taken in; 0: all
 * @burst: how many of them in a row
 * @class_max: the highest class selector it may use
 */
struct damc_edge {
	uint32_t has;
	struct damc_lladdr lladdr;
	uint32_t rate;
	uint32_t burst;
	uint32_t class_max;
};

#define DAMC_EDGE_LLADDR 1u
#define DAMC_EDGE_RATE 2u
#define DAMC_EDGE_BURST 4u
#define DAMC_EDGE_CLASS 8u

/* @edge.has is 0 if it is none. */
struct damc_dev {
	uint32_t ifindex;
	enum damc_dev_mode mode;
	uint32_t mtu;
	struct damc_edge edge;
};

/* An address of IPv4 (@len 4) or IPv6 (16), in network order; @len 0: none. */
struct damc_inet_addr {
	uint8_t len;
	uint8_t addr[DAMC_INET_ADDR_MAX];
};

/**
 * struct damc_liveness - what the kernel knows by watching a neighbour
 * @interval_ms: how often messages go, as configured; 0: it is not watched
 * @multiplier: how many may be missed
 * @state: of what follows, only if it is watched
 * @reason: why it is down
 * @flags: DAMC_LIVENESS_FLAGS_*, what it says of itself
 * @sent_us: how often messages go there now
 * @detect_us: after how long a silence it is down; 0 if it is not up
 * @downs: how often it went down
 * @stalls: how often this host's own timer was late
 * @delay_ns: to it, if as long as back; 0 if unknown
 * @jitter_ns: how much that varies
 * @received: messages that came while it was up
 * @lost: that did not
 */
struct damc_liveness {
	uint32_t interval_ms;
	uint32_t multiplier;
	enum damc_liveness_state state;
	enum damc_liveness_reason reason;
	uint32_t flags;
	uint32_t sent_us;
	uint32_t detect_us;
	uint32_t downs;
	uint32_t stalls;
	uint64_t delay_ns;
	uint64_t jitter_ns;
	uint64_t received;
	uint64_t lost;
};

/* By UDP if it has @remote; then @port 0 asks for the one that is open here. */
struct damc_neigh {
	uint32_t id;
	uint32_t ifindex;
	struct damc_lladdr lladdr;
	uint32_t mtu;
	uint32_t flags;
	uint64_t tx_packets;
	uint64_t tx_bytes;
	/* Of the link's own, taken in from it; and what was too much. */
	uint64_t control;
	uint64_t control_dropped;
	struct damc_inet_addr remote;
	struct damc_inet_addr local;
	uint32_t port;
	enum damc_neigh_admin admin;
	/* Whether packets go there, and if not, why. */
	enum damc_neigh_status status;
	struct damc_liveness live;
};

/**
 * struct damc_neigh_config - what can be set of a neighbour
 * @has: DAMC_NEIGH_HAS_*, which of the others there are; what is not stays
 * @admin: whether it is to be used
 * @interval_ms: watch it by messages so often; 0: not at all
 * @multiplier: how many of them may be missed
 * @key: of their MAC, the same at both ends; the one before is good until the
 *	neighbour has sent one by this
 * @control_key: of the tags of a session with it, by which its control is told
 *	from what others forge; all zero: there is none
 */
struct damc_neigh_config {
	uint32_t has;
	enum damc_neigh_admin admin;
	uint32_t interval_ms;
	uint32_t multiplier;
	uint8_t key[DAMC_LIVENESS_KEY_SIZE];
	uint8_t control_key[DAMC_CONTROL_KEY_SIZE];
};

#define DAMC_NEIGH_HAS_ADMIN 1u
#define DAMC_NEIGH_HAS_INTERVAL 2u
#define DAMC_NEIGH_HAS_MULTIPLIER 4u
#define DAMC_NEIGH_HAS_KEY 8u
#define DAMC_NEIGH_HAS_CONTROL_KEY 16u

/*
 * By @neigh_id, or where that is 0 by @remote (and what else a UDP neighbour
 * has), or by @ifindex and @lladdr (len 0: group).
 */
struct damc_nexthop {
	uint32_t neigh_id;
	uint32_t ifindex;
	struct damc_lladdr lladdr;
	uint32_t weight;
	struct damc_inet_addr remote;
	struct damc_inet_addr local;
	uint32_t port;
};

struct damc_route {
	struct damc_name name;
	enum damc_route_type type;
	enum damc_route_protocol protocol;
	/* The next-hop set that it leads to, instead of next hops; else 0. */
	uint32_t set;
	unsigned int n_nexthops;
	struct damc_nexthop nexthops[DAMC_NEXTHOPS_MAX];
};

/**
 * struct damc_set - next hops that any number of routes lead to
 * @id: not 0, chosen by who adds it
 * @backup: the next hop for when no other can be used, if @has_backup
 * @routes: how many lead to it; not to be set
 */
struct damc_set {
	uint32_t id;
	enum damc_route_protocol protocol;
	uint32_t routes;
	bool has_backup;
	struct damc_nexthop backup;
	unsigned int n_nexthops;
	struct damc_nexthop nexthops[DAMC_NEXTHOPS_MAX];
};

struct damc_bind {
	struct damc_name name;
	uint32_t ifindex;
	enum damc_bind_kind kind;
	uint32_t protocol;
	uint32_t uid;
	uint32_t inode;
	uint32_t rx_queue;
	uint32_t tx_queue;
	/* As an instance of its pool; 0 if it is none's. */
	uint32_t weight;
	/* What the gateway said of it, and why; 0 if no gateway is asked. */
	enum damc_bind_standing standing;
	char reason[DAMC_BIND_REASON_MAX + 1];
};

/*
 * An instance: its whole name; its share, 0 for no new flows; if it is bound
 * here.
 */
struct damc_pool_member {
	struct damc_name name;
	uint32_t weight;
	bool bound;
};

/* @protocol is DAMC_ROUTE_PROTOCOL_KERNEL if there are only bound instances. */
struct damc_pool {
	struct damc_name name;
	enum damc_route_protocol protocol;
	unsigned int n_members;
	struct damc_pool_member members[DAMC_POOL_MEMBERS_MAX];
};

/**
 * struct damc_policy - what becomes of packets that are sent on or from here
 * @id: chosen by the kernel
 * @name: destination prefix, the root for all
 * @from: source prefix, the root for any
 * @has_class: it is about one class selector only
 * @class_selector: that one, 0..DAMC_POLICY_CLASS_MAX
 * @neighs: ids of those to go by, for DAMC_POLICY_ACTION_NEIGH
 * @lifetime_ms: it ends by itself after so long; 0: never
 * @left_ms: what is left of that; this and the following are not to be set
 * @packets: that it was about
 * @bytes: of these
 * @inactive: packets of these that no neighbour of its could be used for
 */
struct damc_policy {
	uint32_t id;
	struct damc_name name;
	struct damc_name from;
	bool has_class;
	uint32_t class_selector;
	enum damc_policy_action action;
	enum damc_route_protocol protocol;
	unsigned int n_neighs;
	uint32_t neighs[DAMC_NEXTHOPS_MAX];
	uint32_t lifetime_ms;
	uint32_t left_ms;
	uint64_t packets;
	uint64_t bytes;
	uint64_t inactive;
};

struct damc_lookup {
	struct damc_name name;
	struct damc_name from;
	bool has_from;
	uint32_t flow;
	uint32_t class_selector;
};

/* @error is DAMC_ERROR_CODE_NONE if a packet would go; @route if one matched. */
struct damc_decision {
	enum damc_error_code error;
	bool has_route;
	struct damc_route route;
	uint32_t neigh_id;
	uint32_t ifindex;
	struct damc_lladdr lladdr;
	uint32_t mtu;
	struct damc_inet_addr remote;
	struct damc_inet_addr local;
	uint32_t port;
	/* Which of a pool's instances it would go to, and why; else the root, 0. */
	struct damc_name instance;
	enum damc_pick_reason reason;
	uint32_t weight;
	/* The policy about it, and whether that cannot be followed now. */
	bool has_policy;
	struct damc_policy policy;
	uint32_t policy_inactive;
};

/* Indexed by DAMC_A_STATS_*. */
struct damc_stats {
	uint64_t counter[DAMC_A_STATS_MAX + 1];
};

int damc_info_get(struct damc_ctl *ctl, struct damc_info *info);
int damc_info_set_name(struct damc_ctl *ctl, const struct damc_name *name);
/* Open a UDP port, or close it (0). */
int damc_info_set_udp_port(struct damc_ctl *ctl, uint32_t port);

/*
 * For so long (DAMC_LEASE_MAX_MS at most) neighbours are told that the daemon
 * which says this is at work; 0: not any more.
 */
int damc_info_set_lease(struct damc_ctl *ctl, uint32_t ms);
/* Whether neighbours are told to send packets here. */
int damc_info_set_forward(struct damc_ctl *ctl, bool forward);
/* Of what is bound from now on. */
int damc_info_set_bind_policy(struct damc_ctl *ctl,
			      enum damc_bind_policy policy);

int damc_dev_set(struct damc_ctl *ctl, uint32_t ifindex, enum damc_dev_mode mode);
/* Make it an edge, or set what its pod may do if it is one. */
int damc_edge_set(struct damc_ctl *ctl, uint32_t ifindex,
		  const struct damc_edge *edge);
int damc_dev_get(struct damc_ctl *ctl, uint32_t ifindex, struct damc_dev *dev);

int damc_neigh_add(struct damc_ctl *ctl, uint32_t ifindex,
		   const struct damc_lladdr *lladdr, uint32_t *id);
/* The same of any kind of neighbour: where it is, of @key. */
int damc_neigh_create(struct damc_ctl *ctl, const struct damc_neigh *key,
		      uint32_t *id);
/* By @key->id, or where that is 0 by where it is. */
int damc_neigh_del(struct damc_ctl *ctl, const struct damc_neigh *key);
int damc_neigh_get(struct damc_ctl *ctl, const struct damc_neigh *key,
		   struct damc_neigh *neigh);

/* What @config has; @key as for damc_neigh_del(). */
int damc_neigh_set(struct damc_ctl *ctl, const struct damc_neigh *key,
		   const struct damc_neigh_config *config);

int damc_set_add(struct damc_ctl *ctl, const struct damc_set *set);
/* All routes to it change at once. */
int damc_set_replace(struct damc_ctl *ctl, const struct damc_set *set);
/* Several in one request, all or none; -EMSGSIZE: too many for one. */
int damc_set_replace_all(struct damc_ctl *ctl, const struct damc_set *sets,
			 size_t n);
/* -EBUSY while routes lead to it. */
int damc_set_del(struct damc_ctl *ctl, uint32_t id);
/* -ESRCH if there is none. */
int damc_set_get(struct damc_ctl *ctl, uint32_t id, struct damc_set *set);

int damc_route_add(struct damc_ctl *ctl, const struct damc_route *route);
int damc_route_replace(struct damc_ctl *ctl, const struct damc_route *route);
int damc_route_append(struct damc_ctl *ctl, const struct damc_route *route);
int damc_route_del(struct damc_ctl *ctl, const struct damc_name *name);
/* The entry of exactly this name; -ESRCH if there is none. */
int damc_route_get(struct damc_ctl *ctl, const struct damc_name *name,
		   struct damc_route *route);
int damc_route_lookup(struct damc_ctl *ctl, const struct damc_lookup *question,
		      struct damc_decision *answer);

int damc_bind_add(struct damc_ctl *ctl, const struct damc_name *name,
		  uint32_t ifindex);
/* The same, as an instance of the pool that is called as it is but for the end. */
int damc_bind_add_member(struct damc_ctl *ctl, const struct damc_name *name,
			 uint32_t ifindex, uint32_t weight);
/*
 * Both (@weight 0: no instance), and a route to the name that @over put in makes
 * room at one go, so that packets always find one of the two.
 */
int damc_bind_take(struct damc_ctl *ctl, const struct damc_name *name,
		   uint32_t ifindex, uint32_t weight,
		   enum damc_route_protocol over);
int damc_bind_del(struct damc_ctl *ctl, const struct damc_name *name);
/* -ENOENT if the name is not bound. */
int damc_bind_get(struct damc_ctl *ctl, const struct damc_name *name,
		  struct damc_bind *bind);

/* What is configured; instances that are bound come and go by themselves. */
int damc_pool_add(struct damc_ctl *ctl, const struct damc_pool *pool);
int damc_pool_replace(struct damc_ctl *ctl, const struct damc_pool *pool);
int damc_pool_append(struct damc_ctl *ctl, const struct damc_pool *pool);
/* Its instances, or if it names none all that was configured. */
int damc_pool_del(struct damc_ctl *ctl, const struct damc_pool *pool);
/* -ESRCH if the name is no pool. */
int damc_pool_get(struct damc_ctl *ctl, const struct damc_name *name,
		  struct damc_pool *pool);

/* @policy->id must be 0: which packets it is about says which it is. */
int damc_policy_add(struct damc_ctl *ctl, const struct damc_policy *policy);
/* In place of the one about the same packets, if there is one. */
int damc_policy_replace(struct damc_ctl *ctl, const struct damc_policy *policy);
/* By @key->id, or where that is 0 by the packets; -ESRCH if there is none. */
int damc_policy_del(struct damc_ctl *ctl, const struct damc_policy *key);
int damc_policy_get(struct damc_ctl *ctl, const struct damc_policy *key,
		    struct damc_policy *policy);
/* All of them. */
int damc_policy_flush(struct damc_ctl *ctl);

int damc_stats_get(struct damc_ctl *ctl, struct damc_stats *stats);

/*
 * Dumps: @each is called for every object; what it returns other than 0 ends
 * the dump and is returned.
 */
int damc_dev_dump(struct damc_ctl *ctl,
		  int (*each)(const struct damc_dev *dev, void *arg), void *arg);
int damc_neigh_dump(struct damc_ctl *ctl,
		    int (*each)(const struct damc_neigh *neigh, void *arg),
		    void *arg);
int damc_route_dump(struct damc_ctl *ctl,
		    int (*each)(const struct damc_route *route, void *arg),
		    void *arg);
int damc_bind_dump(struct damc_ctl *ctl,
		   int (*each)(const struct damc_bind *bind, void *arg),
		   void *arg);
int damc_pool_dump(struct damc_ctl *ctl,
		   int (*each)(const struct damc_pool *pool, void *arg),
		   void *arg);
int damc_set_dump(struct damc_ctl *ctl,
		  int (*each)(const struct damc_set *set, void *arg), void *arg);
int damc_policy_dump(struct damc_ctl *ctl,
		     int (*each)(const struct damc_policy *policy, void *arg),
		     void *arg);

/* What the routes of a batch are to become. */
enum damc_route_verb {
	DAMC_ROUTE_VERB_ADD,
	DAMC_ROUTE_VERB_REPLACE,
	DAMC_ROUTE_VERB_APPEND,
	DAMC_ROUTE_VERB_DEL,
};

/*
 * Many routes in few requests. Routes are numbered from 0 in the order of
 * adding; each request is done whole, or refused and nothing of it is done.
 * A batch has no other use of its @ctl to fear between its calls.
 *
 * damc_route_batch_add() sends what is queued when that is full, before it
 * takes the new one; damc_route_batch_flush() sends the rest. Where either
 * fails, what was queued (and the new one) is dropped:
 * damc_route_batch_done() is how many routes are in force, so the number of the
 * first one dropped; damc_route_batch_refused() is the number of the one to
 * blame, or -1 if the kernel did not say.
 */
struct damc_route_batch;

struct damc_route_batch *damc_route_batch_open(struct damc_ctl *ctl,
					       enum damc_route_verb verb);
void damc_route_batch_close(struct damc_route_batch *batch);
int damc_route_batch_add(struct damc_route_batch *batch,
			 const struct damc_route *route);
int damc_route_batch_flush(struct damc_route_batch *batch);
unsigned long damc_route_batch_done(const struct damc_route_batch *batch);
long damc_route_batch_refused(const struct damc_route_batch *batch);

/* What a monitor can be told of; a set of them. */
enum damc_object {
	DAMC_OBJECT_DEV = 1,
	DAMC_OBJECT_NEIGH = 2,
	DAMC_OBJECT_ROUTE = 4,
	DAMC_OBJECT_BIND = 8,
	DAMC_OBJECT_INFO = 16,
	DAMC_OBJECT_POOL = 32,
	DAMC_OBJECT_SET = 64,
	DAMC_OBJECT_POLICY = 128,
	DAMC_OBJECT_ALL = 255,
};

/**
 * struct damc_event - what an object is like after a change
 * @object: one of enum damc_object, says which of the last members is filled;
 *	what @pool points to is there until the function that was given it returns
 * @deleted: what it was like before it went
 * @flags: of the message; NLM_F_EXCL: a route added, NLM_F_REPLACE, _APPEND
 */
struct damc_event {
	unsigned int object;
	bool deleted;
	uint16_t flags;
	union {
		struct damc_dev dev;
		struct damc_neigh neigh;
		struct damc_route route;
		struct damc_bind bind;
		struct damc_info info;
		const struct damc_pool *pool;
		struct damc_set set;
		struct damc_policy policy;
	};
};

struct damc_monitor;

/* NULL: errno; EPERM, for routes and bindings take CAP_NET_ADMIN. */
struct damc_monitor *damc_monitor_open(unsigned int objects);
void damc_monitor_close(struct damc_monitor *monitor);

/* For poll(); when readable, damc_monitor_step() has something to tell. */
int damc_monitor_fd(const struct damc_monitor *monitor);

/*
 * Tell what has come, without waiting: 0, what @each returned other than 0, or
 * a negative errno. After -ENOBUFS some is missing, and no more is wrong: who
 * keeps a copy of the objects dumps them anew, and goes on.
 */
int damc_monitor_step(struct damc_monitor *monitor,
		      int (*each)(const struct damc_event *event, void *arg),
		      void *arg);

/* ---- remote method invocation (rmi*.c) --------------------------------- */

#define DAMC_RMI_METHOD_MAX 255

/*
 * Bytes of method and data together in a request; of data in a reply, where a
 * record of the way there may take up to 256 of them.
 */
#define DAMC_RMI_DATA_MAX 64952

/* How a call ended; what it means for the caller is in damc_rmi_strerror(). */
enum damc_rmi_status {
	DAMC_RMI_OK = 0,
	/* The server ran the method and says that it failed; data tells why. */
	DAMC_RMI_APPLICATION = 1,
	DAMC_RMI_NO_METHOD = 2,
	/* Refused by the server before anything was executed. */
	DAMC_RMI_REFUSED = 3,
	/* The request does not fit; not executed. */
	DAMC_RMI_TOO_BIG = 4,
	/* No answer by the deadline; whether it was executed, nothing says. */
	DAMC_RMI_DEADLINE = 5,
	/* The server took it, or may have, and can't be asked any more. */
	DAMC_RMI_OUTCOME_UNKNOWN = 6,
	/* The fabric refused it: no route, no listener ...; not executed. */
	DAMC_RMI_UNREACHABLE = 7,
	/* What came back breaks the protocol. */
	DAMC_RMI_PROTOCOL = 8,
	/* It was executed, and its answer is too big for the way back. */
	DAMC_RMI_REPLY_TOO_BIG = 9,
};

/**
 * struct damc_rmi_request - what to call
 * @target: the service's name
 * @method: a name of 1..DAMC_RMI_METHOD_MAX bytes
 * @deadline_ms: from now, 1..86400000
 * @record: ask the packets to record their path
 */
struct damc_rmi_request {
	struct damc_name target;
	const char *method;
	const void *data;
	size_t len;
	uint32_t deadline_ms;
	bool record;
};

/* A path as the packets recorded it. */
struct damc_rmi_path {
	unsigned int hops;
	unsigned int missed;
	struct damc_name node[24];
};

/**
 * struct damc_rmi_reply - what came of a call
 * @status: enum damc_rmi_status
 * @error: for DAMC_RMI_UNREACHABLE the fabric's code, enum damc_error_code
 * @server: name that answered, or the node that refused
 * @data: to be freed by damc_rmi_reply_free()
 * @transmissions: how often the request was sent
 * @rtt_us: from the first transmission to the reply
 * @there, @back: if the request asked for a record and there was room for it
 */
struct damc_rmi_reply {
	enum damc_rmi_status status;
	enum damc_error_code error;
	struct damc_name server;
	void *data;
	size_t len;
	unsigned int transmissions;
	uint64_t rtt_us;
	struct damc_rmi_path there;
	struct damc_rmi_path back;
};

struct damc_rmi_client;

/* @self: name to call as, NULL for a name of the socket's own. */
struct damc_rmi_client *damc_rmi_client_open(const struct damc_name *self);
void damc_rmi_client_close(struct damc_rmi_client *client);

/**
 * damc_rmi_call() - call a method and wait for what comes of it
 *
 * The request is sent again while no reply comes, and executed at most once by
 * one incarnation of the server. May block until the deadline.
 *
 * Return: 0 if the call ended, however it did: see @reply->status; negative
 * errno if it could not be made (-EINVAL, -ENOMEM, the socket's errors).
 */
int damc_rmi_call(struct damc_rmi_client *client,
		  const struct damc_rmi_request *request,
		  struct damc_rmi_reply *reply);

/*
 * Calls that are not waited for: many may be open on one client, from one
 * thread. They share the window of packets that a server is sent at once.
 *
 *	pending = damc_rmi_start(client, &request);
 *	while (!damc_rmi_ended(pending))
 *		damc_rmi_client_step(client, -1);
 *	damc_rmi_finish(client, pending, &reply);
 */
struct damc_rmi_pending;

/**
 * damc_rmi_start() - begin a call; @request is copied
 *
 * Return: the call, which ends by damc_rmi_finish() or damc_rmi_cancel() and,
 * with a status, by its deadline. NULL: errno EINVAL, ENOMEM; ENOBUFS, 1,024 are
 * open.
 */
struct damc_rmi_pending *damc_rmi_start(struct damc_rmi_client *client,
					const struct damc_rmi_request *request);

/**
 * damc_rmi_client_step() - handle what has come, and send what is due
 * @timeout_ms: wait so long at most for something to come, 0: not at all, -1:
 *	until something comes or is due
 *
 * A program with a loop of its own polls damc_rmi_client_fd() for input, for
 * damc_rmi_client_timeout() milliseconds at most (-1: no limit), and calls this
 * with 0.
 *
 * Return: 0, also when interrupted by a signal; or a negative errno of the
 * socket's.
 */
int damc_rmi_client_step(struct damc_rmi_client *client, int timeout_ms);
int damc_rmi_client_fd(const struct damc_rmi_client *client);
int damc_rmi_client_timeout(const struct damc_rmi_client *client);

bool damc_rmi_ended(const struct damc_rmi_pending *pending);

/*
 * Take what came of a call that has ended, as damc_rmi_call() returns it; the
 * call is gone then. -EAGAIN: it has not ended, and stays.
 */
int damc_rmi_finish(struct damc_rmi_client *client,
		    struct damc_rmi_pending *pending,
		    struct damc_rmi_reply *reply);

/*
 * Give a call up, whether it has ended or not. It may have been executed, or
 * still be, at most once; what comes of it is dropped.
 */
void damc_rmi_cancel(struct damc_rmi_client *client,
		     struct damc_rmi_pending *pending);

void damc_rmi_reply_free(struct damc_rmi_reply *reply);
const char *damc_rmi_strerror(enum damc_rmi_status status);

struct damc_rmi_server;

/**
 * struct damc_rmi_call_info - a call, as the server's method sees it
 * @data: valid until the method returns
 */
struct damc_rmi_call_info {
	struct damc_name caller;
	const char *method;
	const void *data;
	size_t len;
	uint32_t remaining_ms;
};

/*
 * A method: sets *@data (malloc'ed, freed by the library) and *@len.
 * Return: enum damc_rmi_status, DAMC_RMI_OK with the answer in @data.
 */
typedef enum damc_rmi_status
(*damc_rmi_method)(const struct damc_rmi_call_info *call, void **data,
		   size_t *len, void *arg);

struct damc_rmi_server *damc_rmi_server_open(const struct damc_name *self,
					     damc_rmi_method method, void *arg);
/*
 * The same, as an instance of the pool that is called as @self is without its
 * last component; @weight 1..DAMC_WEIGHT_MAX, 0 for none.
 */
struct damc_rmi_server *damc_rmi_server_open_member(const struct damc_name *self,
						    uint32_t weight,
						    damc_rmi_method method,
						    void *arg);
void damc_rmi_server_close(struct damc_rmi_server *server);

/*
 * For poll(), or epoll that is not edge-triggered: as long as it is readable
 * damc_rmi_server_step() has something to do, which one step may leave a part of.
 */
int damc_rmi_server_fd(const struct damc_rmi_server *server);

/*
 * Handle what has arrived, without waiting: calls executed, or -errno. Methods
 * run here, one after the other. While one takes longer than 5 ms a thread of
 * the library's tells callers that their calls were taken, and queues up to 64,
 * which are executed before this returns.
 */
int damc_rmi_server_step(struct damc_rmi_server *server);

/*
 * Wait for something to handle, for @timeout_ms (-1: as long as it takes) at
 * most, and maybe less, and handle it: calls executed, or -errno. For a thread
 * that does nothing else: a system call less for each call than by poll(), while
 * calls come one upon the other.
 */
int damc_rmi_server_serve(struct damc_rmi_server *server, int timeout_ms);

#ifdef __cplusplus
}
#endif

#endif /* DAMC_H */
