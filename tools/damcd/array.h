/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DAMCD_ARRAY_H
#define DAMCD_ARRAY_H

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif /* DAMCD_ARRAY_H */
