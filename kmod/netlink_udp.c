// SPDX-License-Identifier: GPL-2.0
/* Netlink: addresses of neighbours that UDP reaches. */
#include <net/ipv6.h>

#include "netlink.h"
#include "netlink_udp.h"
#include "netns.h"
#include "udp.h"

static int damc_nl_addr(const struct nlattr *attr, struct in6_addr *addr,
			struct netlink_ext_ack *extack)
{
	if (nla_len(attr) == sizeof(struct in_addr)) {
		ipv6_addr_set_v4mapped(nla_get_in_addr(attr), addr);
		return 0;
	}
	if (nla_len(attr) == sizeof(*addr)) {
		*addr = nla_get_in6_addr(attr);
		if (!ipv6_addr_v4mapped(addr))
			return 0;
	}
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "Not an address of IPv4, 4 bytes, or IPv6, 16 bytes");
	return -EINVAL;
}

/**
 * damc_nl_udp_key() - where a request says that a UDP neighbour is
 * @dn: the namespace, locked, its port open
 * @tb: the nest's attributes, its remote address there
 * @attrs: their types
 * @key: gets it
 * @extack: says what is wrong
 *
 * Return: 0 or -EINVAL.
 */
int damc_nl_udp_key(const struct damc_net *dn, struct nlattr **tb,
		    const struct damc_nl_neigh_attrs *attrs,
		    struct damc_udp_key *key, struct netlink_ext_ack *extack)
{
	int err;

	if (tb[attrs->lladdr]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[attrs->lladdr],
				    "A neighbour by UDP has no link address");
		return -EINVAL;
	}
	err = damc_nl_addr(tb[attrs->remote], &key->remote, extack);
	if (!err && tb[attrs->local])
		err = damc_nl_addr(tb[attrs->local], &key->local, extack);
	if (tb[attrs->ifindex])
		key->ifindex = nla_get_u32(tb[attrs->ifindex]);
	key->port = tb[attrs->port] ? htons(nla_get_u32(tb[attrs->port])) :
				      dn->udp->port;
	return err;
}

static int damc_nl_put_addr(struct sk_buff *skb, int type,
			    const struct in6_addr *addr)
{
	if (ipv6_addr_v4mapped(addr))
		return nla_put_in_addr(skb, type, addr->s6_addr32[3]);
	return nla_put_in6_addr(skb, type, addr);
}

/**
 * damc_nl_put_udp() - write where a UDP neighbour is
 * @skb: the message
 * @key: where
 * @attrs: types of the attributes
 *
 * Return: 0 or -EMSGSIZE.
 */
int damc_nl_put_udp(struct sk_buff *skb, const struct damc_udp_key *key,
		    const struct damc_nl_neigh_attrs *attrs)
{
	if (damc_nl_put_addr(skb, attrs->remote, &key->remote) ||
	    nla_put_u32(skb, attrs->port, ntohs(key->port)))
		return -EMSGSIZE;
	if (!ipv6_addr_any(&key->local) &&
	    damc_nl_put_addr(skb, attrs->local, &key->local))
		return -EMSGSIZE;
	return key->ifindex ? nla_put_u32(skb, attrs->ifindex, key->ifindex) : 0;
}
