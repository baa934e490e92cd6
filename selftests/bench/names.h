/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The names and addresses that all rows use: route i is of 3 components (an
 * IPv6 prefix of 64 bits), a destination below it has one more (an address).
 * Also compiled into the bench module.
 */
#ifndef BENCH_NAMES_H
#define BENCH_NAMES_H

#ifdef __KERNEL__
#include <linux/kernel.h>
#include <linux/string.h>
#else
#include <stdio.h>
#include <string.h>
#endif

#define BENCH_DESTINATIONS 1000
#define BENCH_NAME_ROOM 64

/* Wire form of what a name's text says; the text is clean. Its length. */
static inline unsigned int bench_wire(unsigned char *wire, const char *text)
{
	unsigned int at = 0;

	while (*text) {
		const char *end = strchr(++text, '/');
		unsigned int len = end ? (size_t)(end - text) : strlen(text);

		wire[at] = len;
		memcpy(wire + at + 1, text, len);
		at += len + 1;
		text += len;
	}
	return at;
}

/* The text of route i: @size is that of its destinations in wire form, 25 or 40. */
static inline void bench_route(char *text, unsigned int size, unsigned int i)
{
	if (size == 25)
		snprintf(text, BENCH_NAME_ROOM, "/shop/%05u/%06u", i / 20, i);
	else
		snprintf(text, BENCH_NAME_ROOM, "/services/tenant%03u/cart%06u", i / 1000, i);
}

/* The text of a destination below route i. */
static inline void bench_destination(char *text, unsigned int size, unsigned int i)
{
	bench_route(text, size, i);
	strcat(text, size == 25 ? "/inst01" : "/instance1");
}

/* Which routes the destinations are below: spread, and each another. */
static inline unsigned int bench_pick(unsigned int k, unsigned int routes)
{
	return (unsigned int)((unsigned long long)k * 99991 % routes);
}

#endif /* BENCH_NAMES_H */
