// SPDX-License-Identifier: GPL-2.0
/* The generic netlink family: registration, and what its handlers share. */
#include <linux/module.h>

#include "netlink.h"
#include "netns.h"
#include "notify.h"
#include "table.h"

struct genl_family damc_genl_family __ro_after_init = {
	.name = DAMC_GENL_NAME,
	.version = DAMC_GENL_VERSION,
	.maxattr = DAMC_A_MAX,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = damc_nl_ops,
	.n_ops = ARRAY_SIZE(damc_nl_ops),
	.mcgrps = damc_nl_mcgrps,
	.n_mcgrps = ARRAY_SIZE(damc_nl_mcgrps),
};

int __init damc_netlink_register(void)
{
	int err = genl_register_family(&damc_genl_family);

	if (!err)
		damc_notify_enable(true);
	return err;
}

void damc_netlink_unregister(void)
{
	damc_notify_enable(false);
	genl_unregister_family(&damc_genl_family);
}

/* The parser keeps the last of a kind; a second one would go unnoticed. */
static bool damc_nl_repeated(const struct genl_info *info, int type)
{
	const struct nlattr *attr;
	unsigned int n = 0;
	int rem;

	nla_for_each_attr(attr, genlmsg_data(info->genlhdr),
			  genlmsg_len(info->genlhdr), rem)
		if (nla_type(attr) == type)
			n++;
	return n > 1;
}

static int damc_nl_about(struct genl_info *info, int type)
{
	if (!GENL_REQ_ATTR_CHECK(info, type))
		return 0;
	NL_SET_ERR_MSG(info->extack,
		       "The object that the request is about is missing");
	return -EINVAL;
}

/**
 * damc_nl_batch_check() - whether a request about several objects can be read
 * @info: the request, checked against its policy
 * @type: DAMC_A_* of their nests
 *
 * Return: 0; -EINVAL if there is none; -EMSGSIZE above DAMC_BATCH_MAX.
 */
int damc_nl_batch_check(struct genl_info *info, int type)
{
	int err = damc_nl_about(info, type);

	if (err)
		return err;
	if (info->nlhdr->nlmsg_len <= DAMC_BATCH_MAX)
		return 0;
	NL_SET_ERR_MSG(info->extack, "Too many objects in one request");
	return -EMSGSIZE;
}

/**
 * damc_nl_nest_multi() - the nest that a request is about
 * @info: the request, checked against its policy
 * @type: DAMC_A_* of the nest
 * @tb: gets the nest's attributes, @max + 1 of them
 * @max: the highest
 * @multi: the only one that may be there more than once, or 0; @tb gets the last
 *
 * Return: 0; -EINVAL if it is missing, or there more than once.
 */
int damc_nl_nest_multi(struct genl_info *info, int type, struct nlattr **tb,
		       int max, int multi)
{
	int err = damc_nl_about(info, type);

	if (err)
		return err;
	if (damc_nl_repeated(info, type)) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[type],
				    "One object a request");
		return -EINVAL;
	}
	return damc_nl_parse(info->attrs[type], tb, max, multi, info->extack);
}

/**
 * damc_nl_nest() - the same, of a nest that has nothing more than once
 * @info: the request, checked against its policy
 * @type: DAMC_A_* of the nest
 * @tb: gets the nest's attributes, @max + 1 of them
 * @max: the highest
 *
 * Return: 0; -EINVAL if it is missing, or there more than once.
 */
int damc_nl_nest(struct genl_info *info, int type, struct nlattr **tb, int max)
{
	return damc_nl_nest_multi(info, type, tb, max, 0);
}

/**
 * damc_nl_parse() - the attributes of a nest
 * @nest: the nest, whose inside was checked with the outside
 * @tb: gets them, @max + 1
 * @max: the highest
 * @multi: the only one that may be there more than once, or 0; @tb gets the last
 * @extack: says what is wrong
 *
 * Return: 0, or -EINVAL if another is there twice, of which one would go
 * unnoticed.
 */
int damc_nl_parse(const struct nlattr *nest, struct nlattr **tb, int max,
		  int multi, struct netlink_ext_ack *extack)
{
	struct nlattr *attr;
	int rem, type;

	memset(tb, 0, (max + 1) * sizeof(*tb));
	nla_for_each_nested(attr, nest, rem) {
		type = nla_type(attr);
		if (type > max)
			continue;
		if (tb[type] && type != multi) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "The attribute is there twice");
			return -EINVAL;
		}
		tb[type] = attr;
	}
	return 0;
}

/**
 * damc_nl_name() - a name from an attribute
 * @attr: the attribute, no longer than the policy allows
 * @name: gets it; lies in the attribute
 * @extack: says what is wrong
 *
 * Return: 0 or -EINVAL.
 */
int damc_nl_name(const struct nlattr *attr, struct damc_name *name,
		 struct netlink_ext_ack *extack)
{
	name->wire = nla_data(attr);
	name->len = nla_len(attr);
	if (damc_name_depth(name->wire, name->len) >= 0)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr, "Not a well-formed name");
	return -EINVAL;
}

/**
 * damc_nl_name_alone() - refuse what says more than which object is meant
 * @tb: the nest's attributes, @max + 1 of them
 * @name: type of the one that says it
 * @max: the highest
 * @extack: says what is wrong
 *
 * Return: 0 or -EINVAL.
 */
int damc_nl_name_alone(struct nlattr **tb, int name, int max,
		       struct netlink_ext_ack *extack)
{
	int i;

	for (i = 0; i <= max; i++)
		if (tb[i] && i != name) {
			NL_SET_ERR_MSG_ATTR(extack, tb[i],
					    "The name alone says which is meant");
			return -EINVAL;
		}
	return 0;
}

/**
 * damc_nl_dump_check() - refuse a dump that asks for less than all
 * @cb: the dump
 */
int damc_nl_dump_check(const struct netlink_callback *cb)
{
	if (!nlmsg_attrlen(cb->nlh, GENL_HDRLEN))
		return 0;
	NL_SET_ERR_MSG(cb->extack, "A dump takes no attributes");
	return -EINVAL;
}

/**
 * damc_nl_reply() - start the answer to a request
 * @info: the request
 * @header: gets the message's header
 *
 * Return: the message, or NULL.
 */
struct sk_buff *damc_nl_reply(struct genl_info *info, void **header)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (!skb)
		return NULL;
	*header = genlmsg_put_reply(skb, info, &damc_genl_family, 0,
				    info->genlhdr->cmd);
	if (*header)
		return skb;
	nlmsg_free(skb);
	return NULL;
}

/**
 * damc_nl_send() - end the answer to a request, and send it
 * @info: the request
 * @skb: the answer, consumed
 * @header: its header
 * @err: what writing it came to; if not 0, it is not sent
 */
int damc_nl_send(struct genl_info *info, struct sk_buff *skb, void *header,
		 int err)
{
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	genlmsg_end(skb, header);
	return genlmsg_reply(skb, info);
}

static int damc_nl_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
			    u8 cmd, damc_nl_put_t put, const void *object)
{
	const struct damc_net *dn = damc_net(sock_net(skb->sk));
	void *header;
	int err;

	header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
			     cb->nlh->nlmsg_seq, &damc_genl_family, NLM_F_MULTI,
			     cmd);
	if (!header)
		return -EMSGSIZE;
	err = put(skb, dn, object);
	if (!err) {
		genlmsg_end(skb, header);
		return 0;
	}
	genlmsg_cancel(skb, header);
	return err == -ENOENT ? 0 : err;
}

/**
 * damc_nl_dump_table() - tell of the nodes of a table
 * @skb: the dump
 * @cb: its state
 * @table: the namespace's
 * @cmd: DAMC_CMD_*
 * @put: writes what a struct damc_node is part of
 *
 * A node that stays is told of once, whatever else comes and goes.
 *
 * Return: what a dump's function returns.
 */
int damc_nl_dump_table(struct sk_buff *skb, struct netlink_callback *cb,
		       const struct damc_table *table, u8 cmd,
		       damc_nl_put_t put)
{
	struct damc_net *dn = damc_net(sock_net(skb->sk));
	struct damc_nl_cursor *cursor = damc_nl_cursor(cb);
	const struct damc_node *node;
	int err;

	err = damc_nl_dump_check(cb);
	if (err)
		return err;
	mutex_lock(&dn->lock);
	node = cursor->started ? damc_table_after(table, cursor->hash) :
				 damc_table_first(table);
	for (; node; node = damc_table_after(table, cursor->hash)) {
		err = damc_nl_dump_one(skb, cb, cmd, put, node);
		if (err)
			break;
		cursor->started = true;
		cursor->hash = node->hash;
		cond_resched();
	}
	mutex_unlock(&dn->lock);
	return skb->len ?: err;
}

/**
 * damc_nl_dump_array() - tell of the objects in an array
 * @skb: the dump
 * @cb: its state
 * @array: the namespace's
 * @cmd: DAMC_CMD_*
 * @put: writes one
 *
 * Return: what a dump's function returns.
 */
int damc_nl_dump_array(struct sk_buff *skb, struct netlink_callback *cb,
		       struct xarray *array, u8 cmd, damc_nl_put_t put)
{
	struct damc_net *dn = damc_net(sock_net(skb->sk));
	struct damc_nl_cursor *cursor = damc_nl_cursor(cb);
	unsigned long index;
	void *object;
	int err;

	err = damc_nl_dump_check(cb);
	if (err)
		return err;
	mutex_lock(&dn->lock);
	xa_for_each_start(array, index, object, cursor->index) {
		err = damc_nl_dump_one(skb, cb, cmd, put, object);
		if (err)
			break;
		cursor->index = index + 1;
	}
	mutex_unlock(&dn->lock);
	return skb->len ?: err;
}

MODULE_ALIAS_GENL_FAMILY(DAMC_GENL_NAME);
