/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory of the simulator itself: there is enough, or the run ends here. (The
 * cores it runs allocate for themselves.)
 */
#ifndef SIM_ALLOC_H
#define SIM_ALLOC_H

#include <stddef.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

void *sim_alloc(size_t size);
void *sim_zalloc(size_t n, size_t size);
/* Room for one more than @n elements of @each bytes; doubles *@size. */
void *sim_grow(void *array, size_t n, size_t *size, size_t each);
/* The same, and what is new is zero. */
void *sim_grow_zero(void *array, size_t n, size_t *size, size_t each);

#endif /* SIM_ALLOC_H */
