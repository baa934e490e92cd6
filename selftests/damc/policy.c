// SPDX-License-Identifier: GPL-2.0
/*
 * The netlink family is what the spec says: what the running kernel tells of
 * its operations, their policies and its groups, against what was generated.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/genetlink.h>

#include "../kselftest_harness.h"
#include "spec_gen.h"
#include "testlib.h"

#define POLICIES_MAX 64
#define ATTRS_MAX 64

/* What the kernel says of one attribute, by NL_POLICY_TYPE_ATTR_*. */
struct told {
	bool there[NL_POLICY_TYPE_ATTR_MAX + 1];
	uint64_t value[NL_POLICY_TYPE_ATTR_MAX + 1];
};

static struct told told[POLICIES_MAX][ATTRS_MAX];
/* The policy of a command's do and dump, plus 1; 0 if it has none. */
static uint32_t op_policy[256][2];
static int wrong;

#define WRONG(format, ...) \
	(wrong++, printf("# " format "\n", __VA_ARGS__))

static unsigned int type_of(const struct nlattr *attr)
{
	return attr->nla_type & NLA_TYPE_MASK;
}

static void take_attr(struct told *attr, const struct nlattr *nest)
{
	const struct nlattr *fact = NULL;

	if (attr->there[NL_POLICY_TYPE_ATTR_TYPE])
		WRONG("an attribute is told twice: %d", type_of(nest));
	while ((fact = dt_next(nest, fact)))
		if (type_of(fact) <= NL_POLICY_TYPE_ATTR_MAX) {
			attr->there[type_of(fact)] = true;
			attr->value[type_of(fact)] = dt_uint(fact);
		} else {
			WRONG("the kernel knows more than this test: %d", type_of(fact));
		}
}

static void take_policies(const struct nlattr *policies)
{
	const struct nlattr *policy = NULL, *attr;

	while ((policy = dt_next(policies, policy)))
		for (attr = dt_next(policy, NULL); attr;
		     attr = dt_next(policy, attr))
			if (type_of(policy) < POLICIES_MAX &&
			    type_of(attr) < ATTRS_MAX)
				take_attr(&told[type_of(policy)][type_of(attr)],
					  attr);
			else
				WRONG("policy %d, attribute %d",
				      type_of(policy), type_of(attr));
}

static void take_ops(const struct nlattr *ops)
{
	const struct nlattr *op = NULL, *attr;

	while ((op = dt_next(ops, op)))
		for (attr = dt_next(op, NULL); attr; attr = dt_next(op, attr)) {
			if (type_of(attr) == CTRL_ATTR_POLICY_DO)
				op_policy[type_of(op)][0] = dt_uint(attr) + 1;
			if (type_of(attr) == CTRL_ATTR_POLICY_DUMP)
				op_policy[type_of(op)][1] = dt_uint(attr) + 1;
		}
}

static void take_policy(const struct nlmsghdr *nlh, void *arg)
{
	size_t at = NLMSG_HDRLEN + GENL_HDRLEN;
	const struct nlattr *attr;

	attr = dt_find((const char *)nlh + at, nlh->nlmsg_len - at,
		       CTRL_ATTR_POLICY);
	if (attr)
		take_policies(attr);
	attr = dt_find((const char *)nlh + at, nlh->nlmsg_len - at,
		       CTRL_ATTR_OP_POLICY);
	if (attr)
		take_ops(attr);
}

static int ask_family(struct dt_nl *nl, uint8_t cmd, uint16_t flags,
		      void (*each)(const struct nlmsghdr *nlh, void *arg),
		      void *arg)
{
	struct dt_msg msg;

	dt_msg_init(nl, &msg, cmd, flags);
	msg.nlh.nlmsg_type = GENL_ID_CTRL;
	dt_put(&msg, CTRL_ATTR_FAMILY_NAME, DAMC_GENL_NAME,
	       sizeof(DAMC_GENL_NAME));
	return dt_each(nl, &msg, each, arg);
}

/* One fact of an attribute: there and so, or not there. */
static void check_fact(const char *where, const struct spec_attr *attr,
		       const struct told *got, int fact, bool there,
		       uint64_t value)
{
	if (got->there[fact] != there || (there && got->value[fact] != value))
		WRONG("%s.%s, NL_POLICY_TYPE_ATTR %d: %s %llu instead of %s %llu",
		      where, attr->name, fact,
		      got->there[fact] ? "is" : "is not there,",
		      (unsigned long long)got->value[fact],
		      there ? "" : "not there,", (unsigned long long)value);
}

static void check_set(const char *where, const struct spec_set *set,
		      uint32_t policy);

static void check_attr(const char *where, const struct spec_attr *attr,
		       const struct told *got)
{
	bool nest = attr->kind == NL_ATTR_TYPE_NESTED;
	bool binary = attr->kind == NL_ATTR_TYPE_BINARY;
	bool number = attr->kind == NL_ATTR_TYPE_U32;

	check_fact(where, attr, got, NL_POLICY_TYPE_ATTR_TYPE, true, attr->kind);
	check_fact(where, attr, got, NL_POLICY_TYPE_ATTR_MIN_VALUE_U, number,
		   attr->least);
	check_fact(where, attr, got, NL_POLICY_TYPE_ATTR_MAX_VALUE_U, number,
		   attr->most);
	check_fact(where, attr, got, NL_POLICY_TYPE_ATTR_MIN_LENGTH,
		   binary && attr->least, attr->least);
	check_fact(where, attr, got, NL_POLICY_TYPE_ATTR_MAX_LENGTH, binary,
		   attr->most);
	check_fact(where, attr, got, NL_POLICY_TYPE_ATTR_MASK, false, 0);
	check_fact(where, attr, got, NL_POLICY_TYPE_ATTR_POLICY_MAXTYPE, nest,
		   nest ? attr->nest->max : 0);
	if (nest && got->there[NL_POLICY_TYPE_ATTR_POLICY_IDX])
		check_set(attr->name, attr->nest,
			  got->value[NL_POLICY_TYPE_ATTR_POLICY_IDX]);
	else if (nest)
		WRONG("%s.%s: nothing is said of its inside", where, attr->name);
}

static const struct spec_attr *spec_find(const struct spec_set *set,
					 uint16_t type)
{
	const struct spec_attr *attr;

	for (attr = set->attrs; attr->name; attr++)
		if (attr->type == type)
			return attr;
	return NULL;
}

static void check_set(const char *where, const struct spec_set *set,
		      uint32_t policy)
{
	const struct spec_attr *attr;
	uint16_t type;

	if (policy >= POLICIES_MAX) {
		WRONG("%s: policy %u", where, policy);
		return;
	}
	for (type = 0; type < ATTRS_MAX; type++) {
		attr = spec_find(set, type);
		if (attr)
			check_attr(where, attr, &told[policy][type]);
		else if (told[policy][type].there[NL_POLICY_TYPE_ATTR_TYPE])
			WRONG("%s: attribute %d is not in the spec", where, type);
	}
}

static const struct spec_op *spec_op(uint8_t cmd)
{
	size_t i;

	for (i = 0; i < sizeof(spec_ops) / sizeof(*spec_ops); i++)
		if (spec_ops[i].cmd == cmd)
			return &spec_ops[i];
	return NULL;
}

/* A dump takes no attributes; that it has the same policy hurts nobody. */
static void check_op(uint8_t cmd)
{
	const struct spec_op *op = spec_op(cmd);
	bool can[2] = { op && op->can_do, op && op->can_dump };
	int i;

	for (i = 0; i < 2; i++) {
		if (!op_policy[cmd][i] != !can[i])
			WRONG("command %d has %s policy for its %s", cmd,
			      can[i] ? "no" : "a", i ? "dump" : "do");
		else if (can[i])
			check_set(op->name, &op->set, op_policy[cmd][i] - 1);
	}
}

TEST(policies)
{
	struct dt_nl nl;
	int cmd;

	ASSERT_EQ(0, dt_nl_open(&nl));
	ASSERT_EQ(0, ask_family(&nl, CTRL_CMD_GETPOLICY, NLM_F_DUMP,
				take_policy, NULL));
	for (cmd = 0; cmd < 256; cmd++)
		check_op(cmd);
	EXPECT_EQ(0, wrong);
	close(nl.fd);
}

static void take_family(const struct nlmsghdr *nlh, void *arg)
{
	memcpy(arg, nlh, nlh->nlmsg_len);
}

static uint64_t inner(const struct nlattr *nest, uint16_t type)
{
	const struct nlattr *attr;

	attr = dt_find(nest + 1, nest->nla_len - NLA_HDRLEN, type);
	return attr ? dt_uint(attr) : 0;
}

/* Bit by bit: what it can do, that it has a policy, whom it serves. */
static uint32_t spec_flags(const struct spec_op *op)
{
	return (op->can_do ? GENL_CMD_CAP_DO : 0) |
	       (op->can_dump ? GENL_CMD_CAP_DUMP : 0) |
	       (op->admin ? GENL_UNS_ADMIN_PERM : 0) | GENL_CMD_CAP_HASPOL;
}

TEST(operations)
{
	const struct nlattr *ops, *op = NULL, *attr;
	const struct spec_op *want;
	struct dt_msg family;
	struct dt_nl nl;
	size_t n = 0;

	ASSERT_EQ(0, dt_nl_open(&nl));
	ASSERT_EQ(0, ask_family(&nl, CTRL_CMD_GETFAMILY, 0, take_family,
				&family));
	attr = dt_reply_find(&family, CTRL_ATTR_VERSION);
	ASSERT_NE(NULL, attr);
	EXPECT_EQ(DAMC_GENL_VERSION, dt_uint(attr));
	ops = dt_reply_find(&family, CTRL_ATTR_OPS);
	ASSERT_NE(NULL, ops);
	for (; (op = dt_next(ops, op)); n++) {
		want = spec_op(inner(op, CTRL_ATTR_OP_ID));
		ASSERT_NE(NULL, want);
		EXPECT_EQ(spec_flags(want), inner(op, CTRL_ATTR_OP_FLAGS)) {
			TH_LOG("%s", want->name);
		}
	}
	EXPECT_EQ(sizeof(spec_ops) / sizeof(*spec_ops), n);
	close(nl.fd);
}

/* In the spec's order; who may join them is for notify.c to try. */
TEST(groups)
{
	const struct nlattr *groups, *group = NULL, *name;
	struct dt_msg family;
	struct dt_nl nl;
	size_t n = 0;

	ASSERT_EQ(0, dt_nl_open(&nl));
	ASSERT_EQ(0, ask_family(&nl, CTRL_CMD_GETFAMILY, 0, take_family,
				&family));
	groups = dt_reply_find(&family, CTRL_ATTR_MCAST_GROUPS);
	ASSERT_NE(NULL, groups);
	while ((group = dt_next(groups, group))) {
		ASSERT_GT(sizeof(spec_groups) / sizeof(*spec_groups), n);
		name = dt_find(group + 1, group->nla_len - NLA_HDRLEN,
			       CTRL_ATTR_MCAST_GRP_NAME);
		ASSERT_NE(NULL, name);
		EXPECT_STREQ(spec_groups[n++].name, (const char *)(name + 1));
	}
	EXPECT_EQ(sizeof(spec_groups) / sizeof(*spec_groups), n);
	close(nl.fd);
}

TEST_HARNESS_MAIN
