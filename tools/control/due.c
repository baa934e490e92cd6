// SPDX-License-Identifier: GPL-2.0
/* A binary heap, from place 1 on: heap[0] is not used. */
#include <errno.h>
#include <stdlib.h>

#include "due.h"

#define SIZE_MIN 64

static void put(struct dc_dues *dues, struct dc_due *due, size_t place)
{
	dues->heap[place] = due;
	due->place = place;
}

static void up(struct dc_dues *dues, struct dc_due *due, size_t place)
{
	while (place > 1 && dues->heap[place / 2]->at > due->at) {
		put(dues, dues->heap[place / 2], place);
		place /= 2;
	}
	put(dues, due, place);
}

static void down(struct dc_dues *dues, struct dc_due *due, size_t place)
{
	size_t child;

	for (; 2 * place <= dues->n; place = child) {
		child = 2 * place;
		if (child < dues->n &&
		    dues->heap[child + 1]->at < dues->heap[child]->at)
			child++;
		if (dues->heap[child]->at >= due->at)
			break;
		put(dues, dues->heap[child], place);
	}
	put(dues, due, place);
}

static void settle(struct dc_dues *dues, struct dc_due *due, size_t place)
{
	if (place > 1 && dues->heap[place / 2]->at > due->at)
		up(dues, due, place);
	else
		down(dues, due, place);
}

static int grow(struct dc_dues *dues)
{
	size_t size = dues->size ? 2 * dues->size : SIZE_MIN;
	struct dc_due **heap;

	heap = realloc(dues->heap, size * sizeof(*heap));
	if (!heap)
		return -ENOMEM;
	dues->heap = heap;
	dues->size = size;
	return 0;
}

int dc_due_set(struct dc_dues *dues, struct dc_due *due, uint64_t at)
{
	due->at = at;
	if (!due->place) {
		if (dues->n + 1 >= dues->size && grow(dues))
			return -ENOMEM;
		put(dues, due, ++dues->n);
	}
	settle(dues, due, due->place);
	return 0;
}

void dc_due_clear(struct dc_dues *dues, struct dc_due *due)
{
	size_t place = due->place;
	struct dc_due *last;

	if (!place)
		return;
	due->place = 0;
	last = dues->heap[dues->n--];
	if (last != due)
		settle(dues, last, place);
}

struct dc_due *dc_due_first(const struct dc_dues *dues)
{
	return dues->n ? dues->heap[1] : NULL;
}

void dc_dues_free(struct dc_dues *dues)
{
	free(dues->heap);
	*dues = (struct dc_dues){ 0 };
}
