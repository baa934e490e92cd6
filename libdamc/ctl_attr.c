// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Attributes: fields of an object out of a nest, by a table, and names and
 * link addresses into one. Nothing received is believed: a length is checked
 * before what it measures is read.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "ctl.h"

static const struct nlattr *next_in(const void *start, size_t size,
				    const struct nlattr *attr, int *err)
{
	const char *end = (const char *)start + size;
	const char *p = start;

	if (attr)
		p = (const char *)attr + NLA_ALIGN(attr->nla_len);
	*err = 0;
	if (p >= end)
		return NULL;
	attr = (const struct nlattr *)p;
	if ((size_t)(end - p) < sizeof(*attr) ||
	    attr->nla_len < sizeof(*attr) ||
	    attr->nla_len > (size_t)(end - p)) {
		*err = -EBADMSG;
		return NULL;
	}
	return attr;
}

const struct nlattr *ctl_next(const struct nlattr *nest,
			      const struct nlattr *attr, int *err)
{
	return next_in(mnl_attr_get_payload(nest),
		       mnl_attr_get_payload_len(nest), attr, err);
}

const struct nlattr *ctl_next_object(const struct nlmsghdr *msg,
				     const struct nlattr *attr, int *err)
{
	size_t len = mnl_nlmsg_get_payload_len(msg);
	const char *start = mnl_nlmsg_get_payload(msg);

	*err = -EBADMSG;
	if (len < GENL_HDRLEN)
		return NULL;
	return next_in(start + GENL_HDRLEN, len - GENL_HDRLEN, attr, err);
}

int ctl_objects(const struct nlmsghdr *msg, struct ctl_objects *objects)
{
	const struct nlattr *attr = NULL;
	int err;

	memset(objects, 0, sizeof(*objects));
	while ((attr = ctl_next_object(msg, attr, &err))) {
		uint16_t type = mnl_attr_get_type(attr);

		if (type <= DAMC_A_MAX && !objects->attr[type])
			objects->attr[type] = attr;
	}
	return err;
}

static int decode_name(const struct nlattr *attr, struct damc_name *name)
{
	if (damc_name_from_wire(name, mnl_attr_get_payload(attr),
				mnl_attr_get_payload_len(attr)))
		return -EBADMSG;
	return 0;
}

static int decode_lladdr(const struct nlattr *attr, struct damc_lladdr *lladdr)
{
	size_t len = mnl_attr_get_payload_len(attr);

	if (len > sizeof(lladdr->addr))
		return -EBADMSG;
	lladdr->len = len;
	memcpy(lladdr->addr, mnl_attr_get_payload(attr), len);
	return 0;
}

static int decode_inet(const struct nlattr *attr, struct damc_inet_addr *addr)
{
	size_t len = mnl_attr_get_payload_len(attr);

	if (len != sizeof(struct in_addr) && len != sizeof(struct in6_addr))
		return -EBADMSG;
	addr->len = len;
	memcpy(addr->addr, mnl_attr_get_payload(attr), len);
	return 0;
}

/* A string may end with its attribute or with a zero; it is cut to fit. */
static void decode_string(const struct nlattr *attr, char *to, size_t size)
{
	size_t len = strnlen(mnl_attr_get_payload(attr),
			     mnl_attr_get_payload_len(attr));

	if (len > size - 1)
		len = size - 1;
	memcpy(to, mnl_attr_get_payload(attr), len);
	to[len] = '\0';
}

static int decode_number(const struct nlattr *attr, void *to, size_t size)
{
	if (mnl_attr_get_payload_len(attr) != size)
		return -EBADMSG;
	memcpy(to, mnl_attr_get_payload(attr), size);
	return 0;
}

static int decode_field(const struct nlattr *attr,
			const struct ctl_field *field, void *object)
{
	void *to = (char *)object + field->offset;

	switch (field->kind) {
	case CTL_U32:
		return decode_number(attr, to, sizeof(uint32_t));
	case CTL_U64:
		return decode_number(attr, to, sizeof(uint64_t));
	case CTL_NAME:
		return decode_name(attr, to);
	case CTL_LLADDR:
		return decode_lladdr(attr, to);
	case CTL_INET:
		return decode_inet(attr, to);
	case CTL_STRING:
		decode_string(attr, to, field->size);
		return 0;
	}
	return -EBADMSG;
}

int ctl_decode(const struct nlattr *nest, const struct ctl_field *fields,
	       unsigned int n_fields, void *object, uint32_t *seen)
{
	const struct nlattr *attr = NULL;
	unsigned int i;
	int err;

	if (seen)
		*seen = 0;
	while ((attr = ctl_next(nest, attr, &err))) {
		for (i = 0; i < n_fields; i++)
			if (fields[i].type == mnl_attr_get_type(attr))
				break;
		if (i == n_fields)
			continue;
		err = decode_field(attr, &fields[i], object);
		if (err)
			return err;
		if (seen)
			*seen |= 1u << i;
	}
	return err;
}

void ctl_put_name(struct nlmsghdr *msg, uint16_t type,
		  const struct damc_name *name)
{
	mnl_attr_put(msg, type, name->len, name->wire);
}

void ctl_put_lladdr(struct nlmsghdr *msg, uint16_t type,
		    const struct damc_lladdr *lladdr)
{
	if (lladdr->len)
		mnl_attr_put(msg, type, lladdr->len, lladdr->addr);
}

void ctl_put_inet(struct nlmsghdr *msg, const struct ctl_inet_attrs *attrs,
		  const struct ctl_inet *inet)
{
	mnl_attr_put(msg, attrs->remote, inet->remote->len, inet->remote->addr);
	if (inet->port)
		mnl_attr_put_u32(msg, attrs->port, inet->port);
	if (inet->local->len)
		mnl_attr_put(msg, attrs->local, inet->local->len,
			     inet->local->addr);
	if (inet->ifindex)
		mnl_attr_put_u32(msg, attrs->ifindex, inet->ifindex);
}

int ctl_check_name(const struct damc_name *name)
{
	return name_well_formed(name->wire, name->len) ? 0 : -EINVAL;
}

int ctl_check_lladdr(const struct damc_lladdr *lladdr)
{
	return lladdr->len > sizeof(lladdr->addr) ? -EINVAL : 0;
}

int ctl_check_inet(const struct ctl_inet *inet)
{
	return inet->remote->len > sizeof(inet->remote->addr) ||
	       inet->local->len > sizeof(inet->local->addr) ? -EINVAL : 0;
}
