// SPDX-License-Identifier: GPL-2.0
/* DAMC in UDP: neighbours, found by the address that a datagram comes from. */
#include <linux/rculist.h>
#include <net/addrconf.h>

#include "netlink.h"
#include "netlink_udp.h"
#include "netns.h"
#include "udp.h"

static u32 damc_udp_bucket(const struct damc_udp *udp,
			   const struct in6_addr *remote)
{
	return __ipv6_addr_jhash(remote, udp->seed) >>
	       (32 - DAMC_UDP_HASH_BITS);
}

/* Left out means any. */
static bool damc_udp_admits(const struct damc_udp_key *key,
			    const struct in6_addr *local, int ifindex)
{
	if (key->ifindex && key->ifindex != ifindex)
		return false;
	return ipv6_addr_any(&key->local) || ipv6_addr_equal(&key->local, local);
}

/**
 * damc_udp_find() - a neighbour that a datagram may have come from
 * @udp: the port that it came to
 * @remote: its source, IPv4's mapped
 * @local: its destination
 * @ifindex: the interface that it came by
 *
 * By address alone: the source port is entropy.
 *
 * Context: under RCU.
 */
struct damc_udp_neigh *damc_udp_find(const struct damc_udp *udp,
				     const struct in6_addr *remote,
				     const struct in6_addr *local, int ifindex)
{
	struct damc_udp_neigh *un;

	hlist_for_each_entry_rcu(un, &udp->hash[damc_udp_bucket(udp, remote)],
				 node)
		if (ipv6_addr_equal(&un->key.remote, remote) &&
		    damc_udp_admits(&un->key, local, ifindex))
			return un;
	return NULL;
}

/* One node's own address, that routes can lead to. */
static bool damc_udp_unicast(const struct in6_addr *addr)
{
	__be32 v4 = addr->s6_addr32[3];

	if (ipv6_addr_v4mapped(addr))
		return !ipv4_is_zeronet(v4) && !ipv4_is_multicast(v4) &&
		       !ipv4_is_lbcast(v4);
	return !ipv6_addr_any(addr) && !ipv6_addr_is_multicast(addr);
}

static bool damc_udp_link_local(const struct damc_udp_key *key)
{
	return ipv6_addr_type(&key->remote) & IPV6_ADDR_LINKLOCAL;
}

static int damc_udp_check_addr(const struct damc_udp *udp,
			       const struct damc_udp_key *key,
			       struct netlink_ext_ack *extack)
{
	if (!udp->sock[damc_udp_family(key)]) {
		NL_SET_ERR_MSG(extack, "The kernel runs without IPv6");
		return -EAFNOSUPPORT;
	}
	if (!damc_udp_unicast(&key->remote)) {
		NL_SET_ERR_MSG(extack, "A neighbour's address is one node's own");
		return -EINVAL;
	}
	if (ipv6_addr_any(&key->local))
		return 0;
	if (!damc_udp_unicast(&key->local) ||
	    ipv6_addr_v4mapped(&key->local) != ipv6_addr_v4mapped(&key->remote)) {
		NL_SET_ERR_MSG(extack,
			       "The local address is no address of the neighbour's kind");
		return -EINVAL;
	}
	return 0;
}

static int damc_udp_check(struct damc_dev *dev,
			  const struct damc_neigh_key *key,
			  struct netlink_ext_ack *extack)
{
	const struct damc_udp *udp = container_of(dev, struct damc_udp, dev);
	u32 ifindex = key->udp.ifindex;
	int err;

	err = damc_udp_check_addr(udp, &key->udp, extack);
	if (err)
		return err;
	if (!ifindex && damc_udp_link_local(&key->udp)) {
		NL_SET_ERR_MSG(extack,
			       "A link-local address is one of an interface: which?");
		return -EINVAL;
	}
	if (ifindex && damc_udp_from_edge(dev->dn, ifindex)) {
		NL_SET_ERR_MSG(extack, "An edge takes bindings, not neighbours");
		return -EINVAL;
	}
	return 0;
}

static u32 damc_udp_hash(const struct damc_neigh_key *key, u32 seed)
{
	return __ipv6_addr_jhash(&key->udp.remote, seed) ^
	       (__force u32)key->udp.port;
}

static bool damc_udp_match(const struct damc_neigh *neigh,
			   const struct damc_neigh_key *key)
{
	const struct damc_udp_key *own = &damc_udp_neigh(neigh)->key;

	return ipv6_addr_equal(&own->remote, &key->udp.remote) &&
	       ipv6_addr_equal(&own->local, &key->udp.local) &&
	       own->ifindex == key->udp.ifindex && own->port == key->udp.port;
}

static int damc_udp_init(struct damc_neigh *neigh,
			 const struct damc_neigh_key *key)
{
	struct damc_udp_neigh *un = damc_udp_neigh(neigh);
	struct damc_udp *udp = damc_udp_of(neigh);
	int err;

	un->key = key->udp;
	err = dst_cache_init(&un->cache, GFP_KERNEL_ACCOUNT);
	if (err)
		return err;
	hlist_add_head_rcu(&un->node,
			   &udp->hash[damc_udp_bucket(udp, &un->key.remote)]);
	return 0;
}

static void damc_udp_unlink(struct damc_neigh *neigh)
{
	hlist_del_rcu(&damc_udp_neigh(neigh)->node);
}

static void damc_udp_free(struct damc_neigh *neigh)
{
	dst_cache_destroy(&damc_udp_neigh(neigh)->cache);
}

static int damc_udp_put(struct sk_buff *skb, const struct damc_neigh *neigh,
			const struct damc_nl_neigh_attrs *attrs)
{
	return damc_nl_put_udp(skb, &damc_udp_neigh(neigh)->key, attrs);
}

const struct damc_encap_ops damc_udp_ops = {
	.neigh_size = sizeof(struct damc_udp_neigh),
	.check = damc_udp_check,
	.hash = damc_udp_hash,
	.match = damc_udp_match,
	.init = damc_udp_init,
	.unlink = damc_udp_unlink,
	.free = damc_udp_free,
	.way = damc_udp_way,
	.headroom = damc_udp_headroom,
	.xmit = damc_udp_xmit,
	.put = damc_udp_put,
};
