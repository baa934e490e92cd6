// SPDX-License-Identifier: GPL-2.0
/*
 * What a host's RIB has, some LSA in its database says: of a node that is gone
 * nothing stays behind, even where no table shows it, as there is no way there.
 */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"

/**
 * struct says - that a node has a name
 * @name: by number
 */
struct says {
	uint32_t name;
	struct dc_node_id node;
};

struct database {
	struct sim *sim;
	struct says *says;
	size_t n;
	size_t size;
};

struct look {
	const struct database *database;
	const struct host *host;
	uint32_t bad;
	bool tell;
};

static int compare(const void *a, const void *b)
{
	const struct says *x = a, *y = b;

	if (x->name != y->name)
		return x->name < y->name ? -1 : 1;
	if (x->node.len != y->node.len)
		return x->node.len < y->node.len ? -1 : 1;
	return memcmp(x->node.byte, y->node.byte, x->node.len);
}

static int gather(const struct dc_object *object, uint32_t left_s, void *arg)
{
	struct database *database = arg;
	struct dc_prefix_lsa lsa;
	struct dc_node_id node;
	uint32_t i;

	if (object->type != DC_PREFIX_LSA || dc_prefix_lsa_read(&lsa, object) ||
	    dc_node_id_of(&node, &object->subject))
		return 0;
	for (i = 0; i < lsa.n; i++) {
		database->says = sim_grow(database->says, database->n,
					  &database->size,
					  sizeof(*database->says));
		database->says[database->n++] = (struct says){
			book_number(&database->sim->names, &lsa.prefix[i].name),
			node
		};
	}
	return 0;
}

static void judge(struct look *look, const struct damc_name *name,
		  const struct dc_node_id *node)
{
	const struct database *database = look->database;
	struct sim *sim = database->sim;
	struct says says = { book_number(&sim->names, name), *node };
	char text[DAMC_NAME_TEXT_MAX];

	sim->tally.judged[CHECK_RIB]++;
	if (database->n && bsearch(&says, database->says, database->n,
				   sizeof(says), compare))
		return;
	look->bad++;
	sim->tally.bad[CHECK_RIB]++;
	if (look->tell)
		sim_broken(sim, "host %u's RIB has %s at %.*s, and no LSA does",
			   look->host->number,
			   book_text(&sim->names, says.name, text),
			   (int)node->len, (const char *)node->byte);
}

static int each(const struct dc_rib_entry *entry, void *arg)
{
	uint32_t i;

	for (i = 0; i < entry->n_candidates; i++)
		judge(arg, &entry->name, &entry->candidate[i].node);
	return 0;
}

uint32_t check_rib(struct sim *sim, const struct host *host, bool tell)
{
	struct database database = { .sim = sim };
	struct look look = { .database = &database, .host = host, .tell = tell };

	dc_node_lsdb(host->core, gather, &database);
	if (database.n)
		qsort(database.says, database.n, sizeof(*database.says),
		      compare);
	if (dc_rib_each(dc_node_rib(host->core), each, &look))
		abort();
	free(database.says);
	return look.bad;
}
