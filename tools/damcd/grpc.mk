# SPDX-License-Identifier: GPL-2.0
# class1.pb-c.[ch] in OBJ, from Documentation/grpc/class1.proto. Texts become bytes, which are
# the same on the wire: protobuf-c ends a text at its first zero byte and forgets its length, and
# /a%00 must not be taken for /a. Services go, for protobuf-c makes C of their methods' names, and
# "register" is a word of C's.
proto := $(dir $(lastword $(MAKEFILE_LIST)))../../Documentation/grpc/class1.proto

$(OBJ)/class1.pb-c.c $(OBJ)/class1.pb-c.h &: $(proto) $(lastword $(MAKEFILE_LIST))
	@mkdir -p $(OBJ)/proto
	@sed -e '/^service /,/^}/d' -e 's/\<string\>/bytes/' $< >$(OBJ)/proto/class1.proto
	@protoc-c -I$(OBJ)/proto --c_out=$(OBJ) $(OBJ)/proto/class1.proto
