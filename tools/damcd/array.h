/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DAMCD_ARRAY_H
#define DAMCD_ARRAY_H

#include <stddef.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Append the @size bytes of @item to the @n at *@items, which is on the heap and grows to
 * powers of two. Return: 0, -ENOMEM with nothing changed.
 */
int array_append(void **items, size_t *n, const void *item, size_t size);

#endif /* DAMCD_ARRAY_H */
