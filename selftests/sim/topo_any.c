// SPDX-License-Identifier: GPL-2.0
/* Which graph a seed gets: those of the directory that are small, or made ones. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "rng.h"
#include "topo.h"

/* One graph in so many is of the directory. */
#define FILES_OF 3

static int is_links(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 6 && !strcmp(entry->d_name + len - 6, ".links");
}

static bool from_dir(char *what, size_t size, const char *dir, struct rng *rng)
{
	struct dirent **entry;
	int i, n = dir ? scandir(dir, &entry, is_links, alphasort) : -1;

	if (n < 0)
		return false;
	if (n)
		snprintf(what, size, "%s/%s", dir,
			 entry[rng_below(rng, n)]->d_name);
	for (i = 0; i < n; i++)
		free(entry[i]);
	free(entry);
	return n > 0;
}

static void made(char *what, size_t size, struct rng *rng)
{
	static const struct {
		const char *kind;
		unsigned int least;
		unsigned int most;
	} kind[] = {
		{ "figure2", 7, 7 }, { "ring", 3, 24 }, { "line", 2, 12 },
		{ "grid", 4, 49 }, { "fattree", 5, 45 },
		{ "geometric", 5, 50 }, { "random", 2, 40 },
	};
	size_t i = rng_below(rng, ARRAY_SIZE(kind));
	double share = rng_unit(rng);
	unsigned int more = kind[i].most - kind[i].least + 1;

	/* Small ones more often: they cost less, and their faults meet. */
	snprintf(what, size, "%s:%u", kind[i].kind,
		 kind[i].least + (unsigned int)(more * share * share));
}

/* Which seed has which must not depend on whether the directory is there. */
bool topo_any(struct topo *topo, const char *dir, uint64_t seed)
{
	struct rng rng = rng_fork(seed, 't');
	bool file = !rng_below(&rng, FILES_OF);
	char what[4096];

	if (!file || !from_dir(what, sizeof(what), dir, &rng))
		made(what, sizeof(what), &rng);
	if (!topo_get(topo, what, seed))
		return false;
	topo_costs(topo, seed);
	return true;
}
