/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An object's fields as one line, as Documentation/vectors/objects.txt has it.
 */
#ifndef DC_TEST_OBJECT_TEXT_H
#define DC_TEST_OBJECT_TEXT_H

#include "object.h"

#define OBJECT_TEXT_MAX 16384

/* 0, or -EBADMSG if its body cannot be read. */
int object_text(const struct dc_object *object, char text[OBJECT_TEXT_MAX]);
/* The body anew from what was read of it: its length or negative. */
int object_body_again(const struct dc_object *object,
		      uint8_t body[DC_OBJECT_MAX]);

#endif /* DC_TEST_OBJECT_TEXT_H */
