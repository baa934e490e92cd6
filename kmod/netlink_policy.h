/* SPDX-License-Identifier: GPL-2.0 */
/* Writing a policy, for an answer or a notice. */
#ifndef _DAMC_NETLINK_POLICY_H
#define _DAMC_NETLINK_POLICY_H

struct damc_policy;
struct sk_buff;

int damc_put_policy(struct sk_buff *skb, const struct damc_policy *policy);

#endif /* _DAMC_NETLINK_POLICY_H */
