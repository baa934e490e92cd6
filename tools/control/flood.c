// SPDX-License-Identifier: GPL-2.0
/*
 * A neighbour's queues. An item is in one list of its neighbour's and in its
 * entry's list of items, one for each neighbour.
 */
#include <stdlib.h>
#include <string.h>

#include "flood.h"

struct flood_item {
	struct flood *flood;
	struct lsdb_entry *entry;
	struct flood_item *entry_next;
	struct flood_item *prev;
	struct flood_item *next;
	struct flood_list *list;
	struct flood_item *sent_next;
	uint64_t hash;
	uint64_t resend_us;
	uint32_t tries;
};

void flood_init(struct flood *flood)
{
	memset(flood, 0, sizeof(*flood));
	flood->next_us = UINT64_MAX;
}

/* Acknowledgments of what is not waited for any more are as many as others. */
static struct flood_item **chain(struct flood *flood, uint64_t hash)
{
	return &flood->sent_of[hash % FLOOD_CHAINS];
}

static void unchain(struct flood *flood, struct flood_item *item)
{
	struct flood_item **at = chain(flood, item->hash);

	while (*at != item)
		at = &(*at)->sent_next;
	*at = item->sent_next;
	flood->n_sent--;
}

static void enchain(struct flood *flood, struct flood_item *item)
{
	struct flood_item **at = chain(flood, item->hash);

	item->sent_next = *at;
	*at = item;
	flood->n_sent++;
}

static void unlink_item(struct flood *flood, struct flood_item *item)
{
	struct flood_list *list = item->list;

	if (item->prev)
		item->prev->next = item->next;
	else
		list->head = item->next;
	if (item->next)
		item->next->prev = item->prev;
	else
		list->tail = item->prev;
	if (list == &flood->sent)
		unchain(flood, item);
	item->list = NULL;
}

static void append(struct flood *flood, struct flood_list *list,
		   struct flood_item *item)
{
	item->list = list;
	item->next = NULL;
	item->prev = list->tail;
	if (list->tail)
		list->tail->next = item;
	else
		list->head = item;
	list->tail = item;
	if (list == &flood->sent)
		enchain(flood, item);
}

static void drop(struct flood *flood, struct flood_item *item)
{
	struct lsdb_entry *entry = item->entry;
	struct flood_item **at = &entry->items;

	while (*at != item)
		at = &(*at)->entry_next;
	*at = item->entry_next;
	unlink_item(flood, item);
	flood->n--;
	free(item);
	lsdb_release(entry);
}

void flood_clear(struct flood *flood)
{
	unsigned int i;

	for (i = 0; i < FLOOD_CLASSES; i++)
		while (flood->waiting[i].head)
			drop(flood, flood->waiting[i].head);
	while (flood->sent.head)
		drop(flood, flood->sent.head);
	flood->overflow = false;
	flood->paced = false;
	flood->next_us = UINT64_MAX;
}

static struct flood_item *find(const struct flood *flood,
			       const struct lsdb_entry *entry)
{
	struct flood_item *item = entry->items;

	while (item && item->flood != flood)
		item = item->entry_next;
	return item;
}

static struct flood_item *make(struct flood *flood, struct lsdb_entry *entry)
{
	struct flood_item *item;

	if (flood->n >= FLOOD_ITEMS_MAX) {
		flood->overflow = true;
		return NULL;
	}
	item = calloc(1, sizeof(*item));
	if (!item) {
		flood->overflow = true;
		return NULL;
	}
	item->flood = flood;
	item->entry = entry;
	item->entry_next = entry->items;
	entry->items = item;
	flood->n++;
	return item;
}

static enum flood_class class_of(const struct lsdb_entry *entry)
{
	if (entry->type == DC_REVOCATION)
		return FLOOD_REVOCATION;
	return entry->urgency ? FLOOD_BAD_NEWS : FLOOD_REST;
}

void flood_add(struct flood *flood, struct lsdb_entry *entry)
{
	struct flood_item *item = find(flood, entry);
	uint64_t hash = lsdb_short(&entry->hash);

	if (!item) {
		item = make(flood, entry);
		if (!item)
			return;
	} else {
		if (item->list == &flood->sent && item->hash == hash)
			return;
		unlink_item(flood, item);
	}
	item->hash = hash;
	item->tries = 0;
	append(flood, &flood->waiting[class_of(entry)], item);
}

void flood_has(struct flood *flood, struct lsdb_entry *entry)
{
	struct flood_item *item = find(flood, entry);

	if (item)
		drop(flood, item);
}

void flood_ack(struct flood *flood, uint64_t hash)
{
	struct flood_item *item = *chain(flood, hash);

	while (item && item->hash != hash)
		item = item->sent_next;
	if (item)
		drop(flood, item);
}

static uint64_t backoff(uint32_t tries)
{
	uint64_t us = FLOOD_RESEND_US << (tries < 8 ? tries : 8);

	return us < FLOOD_RESEND_MAX_US ? us : FLOOD_RESEND_MAX_US;
}

static struct lsdb_entry *take(struct flood *flood, struct flood_item *item,
			       uint64_t now_us)
{
	unlink_item(flood, item);
	item->hash = lsdb_short(&item->entry->hash);
	item->resend_us = now_us + backoff(item->tries);
	if (item->tries)
		flood->resent++;
	item->tries++;
	append(flood, &flood->sent, item);
	if (item->resend_us < flood->next_us)
		flood->next_us = item->resend_us;
	return item->entry;
}

/* The first of a class whose object is still there. */
static struct flood_item *first(struct flood *flood, unsigned int class)
{
	struct flood_item *item;

	while ((item = flood->waiting[class].head)) {
		if (item->entry->bytes)
			return item;
		drop(flood, item);
	}
	return NULL;
}

static unsigned int classes_of(bool urgent)
{
	return urgent ? FLOOD_REST : FLOOD_CLASSES;
}

bool flood_waits(const struct flood *flood, bool urgent)
{
	unsigned int i;

	if (flood->n_sent >= FLOOD_WINDOW)
		return false;
	for (i = 0; i < classes_of(urgent); i++)
		if (flood->waiting[i].head)
			return true;
	return false;
}

/* Urgent ones go all the same, so it may be overdrawn, but by no more than all. */
void flood_spend(struct flood *flood, uint64_t now_us)
{
	uint64_t most = now_us + FLOOD_BUCKET_US;

	if (flood->rested_us < now_us)
		flood->rested_us = now_us;
	flood->rested_us += FLOOD_PACKET_US;
	if (flood->rested_us > most)
		flood->rested_us = most;
}

/* When one more that is not urgent may go. */
static uint64_t room_us(const struct flood *flood)
{
	uint64_t with = flood->rested_us + FLOOD_PACKET_US;

	return with > FLOOD_REST_US ? with - FLOOD_REST_US : 0;
}

struct lsdb_entry *flood_take(struct flood *flood, size_t room, bool urgent,
			      uint64_t now_us)
{
	struct flood_item *item;
	unsigned int i;

	if (flood->n_sent >= FLOOD_WINDOW)
		return NULL;
	for (i = 0; i < classes_of(urgent); i++) {
		item = first(flood, i);
		if (!item)
			continue;
		flood->paced = !urgent && now_us < room_us(flood);
		if (flood->paced)
			return NULL;
		if (item->entry->len > room)
			return NULL;
		return take(flood, item, now_us);
	}
	return NULL;
}

void flood_timer(struct flood *flood, uint64_t now_us)
{
	struct flood_item *item, *next;

	if (now_us < flood->next_us)
		return;
	flood->next_us = UINT64_MAX;
	for (item = flood->sent.head; item; item = next) {
		next = item->next;
		if (now_us >= item->resend_us) {
			unlink_item(flood, item);
			append(flood, &flood->waiting[class_of(item->entry)],
			       item);
		} else if (item->resend_us < flood->next_us) {
			flood->next_us = item->resend_us;
		}
	}
}

uint64_t flood_next(const struct flood *flood)
{
	bool paced = flood->paced && flood_waits(flood, false);
	uint64_t room = paced ? room_us(flood) : UINT64_MAX;

	return room < flood->next_us ? room : flood->next_us;
}
