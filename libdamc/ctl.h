/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Control: what ctl.c (transport), ctl_attr.c (attributes) and the files of
 * the single objects owe each other.
 */
#ifndef _DAMC_CTL_H
#define _DAMC_CTL_H

#include <linux/netlink.h>

#include "damc.h"
#include "internal.h"

/* The largest request: a route of DAMC_NEXTHOPS_MAX hops takes some 1,300. */
#define CTL_REQUEST_MAX 4096

/* Netlink gives a dump to a reader in pieces of at most 32 KiB. */
#define CTL_REPLY_MAX 65536

/* The kernel answers a request while it is sent; this is for one that hangs. */
#define CTL_TIMEOUT_MS 10000

/*
 * One socket. @fd is owned; @request holds the message being built, @reply
 * what was last received; @asking: an answer is being read from it.
 */
struct damc_ctl {
	int fd;
	bool asking;
	uint16_t family;
	uint32_t portid;
	uint32_t seq;
	char error[256];
	/* Into the request, what the kernel took offence at; 0 if it did not say. */
	uint32_t error_offset;
	uint32_t request[CTL_REQUEST_MAX / 4];
	uint32_t reply[CTL_REPLY_MAX / 4];
};

/* libmnl's own check takes a length of 2 GiB or more for a negative one. */
static inline bool ctl_msg_ok(const struct nlmsghdr *msg, int left)
{
	return left >= NLMSG_HDRLEN && msg->nlmsg_len >= NLMSG_HDRLEN &&
	       msg->nlmsg_len <= (unsigned int)left;
}

/* What a field of an object is on the wire and in its struct. */
enum ctl_kind {
	CTL_U32,
	CTL_U64,
	CTL_NAME,
	CTL_LLADDR,
	CTL_INET,
	CTL_STRING,
};

/* @size is that of a CTL_STRING's array. */
struct ctl_field {
	uint16_t type;
	uint16_t kind;
	uint16_t offset;
	uint16_t size;
};

#define CTL_FIELD(_type, _kind, _struct, _member) \
	{ .type = (_type), .kind = (_kind), \
	  .offset = offsetof(struct _struct, _member), \
	  .size = sizeof(((struct _struct *)0)->_member) }

/*
 * Read the fields of @nest that @fields knows into @object; skip others.
 * @seen, if not NULL, gets a bit for each of @fields that was there.
 * Return: 0, -EBADMSG.
 */
int ctl_decode(const struct nlattr *nest, const struct ctl_field *fields,
	       unsigned int n_fields, void *object, uint32_t *seen);

/* The top-level attributes of a reply, by type; NULL where not there. */
struct ctl_objects {
	const struct nlattr *attr[DAMC_A_MAX + 1];
};

/* Return: 0, -EBADMSG. The first of a type counts. */
int ctl_objects(const struct nlmsghdr *msg, struct ctl_objects *objects);

/* Step through the objects: NULL at the end, *@err 0 or -EBADMSG. */
const struct nlattr *ctl_next_object(const struct nlmsghdr *msg,
				     const struct nlattr *attr, int *err);

/* Step through the attributes in @nest: NULL at the end, *@err -EBADMSG. */
const struct nlattr *ctl_next(const struct nlattr *nest,
			      const struct nlattr *attr, int *err);

void ctl_put_name(struct nlmsghdr *msg, uint16_t type,
		  const struct damc_name *name);
/* No attribute if @lladdr is empty. */
void ctl_put_lladdr(struct nlmsghdr *msg, uint16_t type,
		    const struct damc_lladdr *lladdr);

/* What the attributes that say where a UDP neighbour is are called in a nest. */
struct ctl_inet_attrs {
	uint16_t ifindex;
	uint16_t remote;
	uint16_t port;
	uint16_t local;
};

/* What a UDP neighbour, or a next hop that is one, is known by. */
struct ctl_inet {
	const struct damc_inet_addr *remote;
	const struct damc_inet_addr *local;
	uint32_t port;
	uint32_t ifindex;
};

void ctl_put_inet(struct nlmsghdr *msg, const struct ctl_inet_attrs *attrs,
		  const struct ctl_inet *inet);

/* What can be put in a message at all: 0 or -EINVAL. */
int ctl_check_name(const struct damc_name *name);
int ctl_check_lladdr(const struct damc_lladdr *lladdr);
int ctl_check_inet(const struct ctl_inet *inet);

/* Begin a request in ctl->request, or in a buffer of the caller's own. */
struct nlmsghdr *ctl_begin(struct damc_ctl *ctl, uint8_t cmd);
struct nlmsghdr *ctl_begin_in(struct damc_ctl *ctl, void *buffer, uint8_t cmd);

typedef int (*ctl_handler)(const struct nlmsghdr *msg, void *arg);

/*
 * Send the request; give each message of the answer to @handler. What that
 * returns other than 0 is the result, after the answer has been read to its
 * end. A NULL @handler takes no message but the acknowledgment.
 */
int ctl_do(struct damc_ctl *ctl, struct nlmsghdr *request, ctl_handler handler,
	   void *arg);
int ctl_dump(struct damc_ctl *ctl, uint8_t cmd, ctl_handler handler, void *arg);

/* Take over @fd, on which @family speaks; for tests. NULL: errno. */
struct damc_ctl *ctl_open_fd(int fd, uint16_t family, uint32_t portid);

/* Look up the family's number; for damc_ctl_open() and tests. */
int ctl_resolve(struct damc_ctl *ctl);

/* One reply message each into an object: 0, -EBADMSG. */
int ctl_info_decode(const struct nlmsghdr *msg, struct damc_info *info);
int ctl_dev_decode(const struct nlmsghdr *msg, struct damc_dev *dev);
int ctl_neigh_decode(const struct nlmsghdr *msg, struct damc_neigh *neigh);
int ctl_route_decode(const struct nlattr *nest, struct damc_route *route);
int ctl_route_decode_first(const struct nlmsghdr *msg,
			   struct damc_route *route);

int ctl_set_decode(const struct nlmsghdr *msg, struct damc_set *set);

/* A policy of a message's own, or beside a decision. */
int ctl_policy_decode(const struct ctl_objects *objects,
		      struct damc_policy *policy);
int ctl_policy_decode_msg(const struct nlmsghdr *msg,
			  struct damc_policy *policy);

/* Next hops, in nests of @type: a decoder adds to @hops, which are zero. */
int ctl_nexthop_decode(const struct nlattr *nest, struct damc_nexthop *hop);
int ctl_nexthops_decode(const struct nlattr *nest, uint16_t type,
			struct damc_nexthop *hops, unsigned int *n);
void ctl_nexthop_put(struct nlmsghdr *msg, uint16_t type,
		     const struct damc_nexthop *hop);
int ctl_nexthops_check(const struct damc_nexthop *hops, unsigned int n);

/* A route as a request has it: -EINVAL if it cannot be written at all. */
int ctl_route_check(const struct damc_route *route);
void ctl_route_put(struct nlmsghdr *msg, const struct damc_route *route);
void ctl_route_put_key(struct nlmsghdr *msg, const struct damc_name *name);

/* A monitor's messages, all in one buffer; for damc_monitor_step() and tests. */
int ctl_event(const struct nlmsghdr *msg,
	      int (*each)(const struct damc_event *event, void *arg),
	      void *arg);

/* For damc_monitor_open(). */
int ctl_join(struct damc_ctl *ctl, const char *group);
int ctl_decision_decode(const struct nlmsghdr *msg,
			struct damc_decision *decision);
int ctl_pool_decode(const struct nlmsghdr *msg, struct damc_pool *pool);
int ctl_bind_decode(const struct nlmsghdr *msg, struct damc_bind *bind);
int ctl_stats_decode(const struct nlmsghdr *msg, struct damc_stats *stats);

#endif /* _DAMC_CTL_H */
