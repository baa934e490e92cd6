-- SPDX-License-Identifier: GPL-2.0
--
-- DAMC and its RMI for Wireshark and tshark, after Documentation/protocol.rst and rmi.rst. It
-- reads packets by the same rules as a node does and says what a node would refuse.
--
--	tshark -X lua_script:damc.lua -r FILE		or copy it to ~/.local/lib/wireshark/plugins
--
-- Filters: damc.dst == "/b/4", damc.malformed, damc.rmi.call == 2 ...
--
-- Over UDP it takes the ports of preference damc.udp_ports, and any other whose datagrams are
-- well-formed packets (heuristic damc_udp). A message in fragments is shown with the one that
-- makes it whole.

local ETHERTYPE, UDP_PORTS = 0x88b5, "3625"
local FIXED = 20
local NAME_MAX, DEPTH_MAX = 112, 32
local RMI_HEADER, RMI_INVARIANT, RMI_MAX, RMI_MAGIC = 48, 24, 65000, 0xda
local FLAG_HOP = 0x02
local PROTO_MESSAGE, PROTO_ERROR, PROTO_IPV4, PROTO_ECHO, PROTO_IPV6 = 1, 3, 4, 5, 41
local TLV_HOP, TLV_POOL, TLV_RECORD = 0x80, 0x01, 0x81
local RMI_F_RECORD = 0x02
local RMI_REQUEST, RMI_REPLY, RMI_REJECT, RMI_PART, RMI_ACK, RMI_PULL = 3, 5, 6, 8, 9, 10
local RMI_PART_HEAD, RMI_BITMAP, RMI_PARTS_MAX = 8, 8, 64
local PROTO_FRAGMENT = 44
local FRAGMENT_HEADER, FRAGMENT_MIN, FRAGMENT_WAIT = 12, 512, 2

local protos = {
	[1] = "message", [2] = "control", [3] = "error", [4] = "IPv4", [5] = "echo", [41] = "IPv6",
	[PROTO_FRAGMENT] = "fragment",
}
local codes = {
	[1] = "no-route", [2] = "hop-limit", [3] = "no-resources", [5] = "prohibited",
	[7] = "too-big", [9] = "malformed", [32] = "no-instance", [33] = "pin-lost",
	[34] = "no-listener",
}
local tlv_types = { [0] = "PAD", [TLV_POOL] = "POOL", [TLV_RECORD] = "RECORD" }
local echo_types = { [0] = "request", [1] = "reply" }
local rmi_types = {
	"HELLO", "WELCOME", "REQUEST", "WORKING", "REPLY", "REJECT", "DONE", "PART", "ACK", "PULL",
}
local reply_words = {
	[0] = "ok", [1] = "the method failed", [2] = "no such method", [3] = "refused",
	[9] = "the answer was too big",
}
local reject_words = {
	[1] = "another incarnation", [2] = "its time has passed", [3] = "no room",
	[4] = "another version", [5] = "breaks the protocol",
}

-- What a type of RMI message has; what is not listed must be 0. Flags are those allowed; held: where
-- others have an oldest call there may be a time.
local shapes = {
	{ flags = 2, call = true },
	{ flags = 0, call = true, incarnation = true, time = true },
	{ flags = 3, call = true, incarnation = true, time = true, oldest = true, method = true,
	  data = true },
	{ flags = 0, call = true, incarnation = true, time = true, held = true },
	{ flags = 2, call = true, incarnation = true, time = true, held = true, status = true,
	  data = true },
	{ flags = 0, call = true, incarnation = true, time = true, status = true },
	{ flags = 0, incarnation = true, oldest = true },
	{ flags = 1, call = true, incarnation = true, time = true, held = true, data = true },
	{ flags = 0, call = true, incarnation = true, time = true },
	{ flags = 0, call = true, incarnation = true },
}

local damc = Proto("damc", "Distributed Architecture for Microservices Communication")
local rmi = Proto("damc.rmi", "DAMC Remote Method Invocation")

local f = {
	version = ProtoField.uint8("damc.version", "Version", base.DEC, nil, 0xf0),
	type = ProtoField.uint8("damc.type", "Type", base.DEC, nil, 0x0f),
	flags = ProtoField.uint8("damc.flags", "Flags", base.HEX),
	first = ProtoField.bool("damc.flags.first", "FIRST: may make a pin", 8, nil, 0x01),
	hop_tlv = ProtoField.bool("damc.flags.hop", "HOP: a hop-by-hop TLV is present", 8, nil, 0x02),
	hop = ProtoField.uint8("damc.hop", "Hop limit"),
	class = ProtoField.uint8("damc.class", "Traffic class"),
	dscp = ProtoField.uint8("damc.class.dscp", "DSCP", base.DEC, nil, 0xfc),
	ecn = ProtoField.uint8("damc.class.ecn", "ECN", base.DEC, nil, 0x03),
	header_len = ProtoField.uint8("damc.header_len", "Header length (in 4 bytes)"),
	proto = ProtoField.uint8("damc.proto", "Next protocol", base.DEC, protos),
	payload_len = ProtoField.uint16("damc.payload_len", "Payload length"),
	payload_bytes = ProtoField.uint32("damc.payload_bytes", "Bytes of payload"),
	flow = ProtoField.uint32("damc.flow", "Flow label", base.HEX),
	path = ProtoField.uint32("damc.path", "Path id", base.HEX),
	dst_len = ProtoField.uint8("damc.dst_len", "Destination length"),
	src_len = ProtoField.uint8("damc.src_len", "Source length"),
	reserved = ProtoField.uint16("damc.reserved", "Reserved", base.HEX),
	dst = ProtoField.string("damc.dst", "Destination"),
	src = ProtoField.string("damc.src", "Source"),
	tlv = ProtoField.uint8("damc.tlv", "TLV", base.HEX, tlv_types),
	tlv_len = ProtoField.uint8("damc.tlv.len", "Length"),
	tlv_value = ProtoField.bytes("damc.tlv.value", "Value"),
	pool = ProtoField.string("damc.pool", "Pool"),
	pool_len = ProtoField.uint8("damc.pool.len", "Pool length"),
	record_len = ProtoField.uint8("damc.record.len", "Record length"),
	record_used = ProtoField.uint8("damc.record.used", "Bytes used"),
	record_missed = ProtoField.uint8("damc.record.missed", "Nodes that found no room"),
	record_node = ProtoField.string("damc.record.node", "Node passed"),
	data = ProtoField.bytes("damc.data", "Payload"),
	trailer = ProtoField.bytes("damc.trailer", "Link padding"),
	code = ProtoField.uint8("damc.error.code", "Code", base.DEC, codes),
	info = ProtoField.uint32("damc.error.info", "Info"),
	quote = ProtoField.bytes("damc.error.quote", "Refused packet"),
	echo_type = ProtoField.uint8("damc.echo.type", "Type", base.DEC, echo_types),
	echo_data = ProtoField.bytes("damc.echo.data", "Data"),
	fragment_proto = ProtoField.uint8("damc.fragment.proto", "Next protocol of the whole",
					  base.DEC, protos),
	fragment_offset = ProtoField.uint16("damc.fragment.offset", "Offset"),
	fragment_total = ProtoField.uint16("damc.fragment.total", "Bytes of the whole"),
	fragment_id = ProtoField.uint32("damc.fragment.id", "Message id", base.HEX),
	fragment_data = ProtoField.bytes("damc.fragment.data", "Data"),
	fragment_whole = ProtoField.uint16("damc.fragment.whole", "Bytes put together"),
}

local r = {
	magic = ProtoField.uint8("damc.rmi.magic", "Magic", base.HEX),
	version = ProtoField.uint8("damc.rmi.version", "Version"),
	type = ProtoField.uint8("damc.rmi.type", "Type", base.DEC, rmi_types),
	flags = ProtoField.uint8("damc.rmi.flags", "Flags", base.HEX),
	urge = ProtoField.bool("damc.rmi.flags.urge", "URGE: say WORKING first", 8, nil, 0x01),
	record_flag = ProtoField.bool("damc.rmi.flags.record", "RECORD", 8, nil, 0x02),
	tx = ProtoField.uint16("damc.rmi.tx", "Transmission"),
	status = ProtoField.uint8("damc.rmi.status", "Status"),
	method_len = ProtoField.uint8("damc.rmi.method_len", "Method length"),
	client = ProtoField.uint64("damc.rmi.client", "Client", base.HEX),
	call = ProtoField.uint64("damc.rmi.call", "Call"),
	incarnation = ProtoField.uint64("damc.rmi.incarnation", "Incarnation", base.HEX),
	time = ProtoField.uint64("damc.rmi.time", "Time (ms of the server's clock)"),
	oldest = ProtoField.uint64("damc.rmi.oldest", "Oldest call of interest, or time held (us)"),
	whole = ProtoField.uint8("damc.rmi.whole", "Part of a", base.DEC, rmi_types),
	index = ProtoField.uint8("damc.rmi.index", "Which part"),
	size = ProtoField.uint16("damc.rmi.size", "Bytes of each part but the last"),
	total = ProtoField.uint16("damc.rmi.total", "Bytes of the whole"),
	bitmap = ProtoField.uint64("damc.rmi.bitmap", "Parts", base.HEX),
	method = ProtoField.bytes("damc.rmi.method", "Method"),
	method_text = ProtoField.string("damc.rmi.method_text", "Method"),
	record = ProtoField.bytes("damc.rmi.record", "Record that the request arrived with"),
	data = ProtoField.bytes("damc.rmi.data", "Data"),
}

local e = {
	malformed = ProtoExpert.new("damc.malformed", "Malformed", expert.group.MALFORMED,
				    expert.severity.ERROR),
	version = ProtoExpert.new("damc.unspoken", "A version or type not spoken",
				  expert.group.UNDECODED, expert.severity.WARN),
	quote = ProtoExpert.new("damc.error.bad_quote", "No receiver believes this quote",
				expert.group.PROTOCOL, expert.severity.WARN),
	payload = ProtoExpert.new("damc.bad_payload", "Payload not as its protocol has it",
				  expert.group.PROTOCOL, expert.severity.WARN),
	refused = ProtoExpert.new("damc.refused", "A packet was refused",
				  expert.group.RESPONSE_CODE, expert.severity.NOTE),
	fragment = ProtoExpert.new("damc.bad_fragment", "A fragment that no message can have",
				   expert.group.MALFORMED, expert.severity.ERROR),
	clash = ProtoExpert.new("damc.fragment.clash", "A fragment that ends its message",
				expert.group.SEQUENCE, expert.severity.WARN),
	cut = ProtoExpert.new("damc.cut", "Cut by the capture", expert.group.UNDECODED,
			      expert.severity.NOTE),
}
local re = {
	malformed = ProtoExpert.new("damc.rmi.malformed", "No RMI message",
				    expert.group.MALFORMED, expert.severity.ERROR),
	version = ProtoExpert.new("damc.rmi.unspoken", "A version not spoken",
				  expert.group.UNDECODED, expert.severity.WARN),
}

local function values(map)
	local list = {}

	for _, value in pairs(map) do
		list[#list + 1] = value
	end
	return list
end

damc.fields, damc.experts = values(f), values(e)
rmi.fields, rmi.experts = values(r), values(re)

-- Names ------------------------------------------------------------------------------------------

local function percent(char)
	return string.format("%%%02X", char:byte())
end

local function component_text(bytes)
	if bytes == "." or bytes == ".." then
		return (bytes:gsub(".", percent))
	end
	return (bytes:gsub("[^%w%-%._~]", percent))
end

-- name_text(bytes): a wire form's one text; or nil and why it is none
local function name_text(bytes)
	local at, depth, text = 1, 0, ""

	if #bytes > NAME_MAX then
		return nil, "a name of more than 112 bytes"
	end
	while at <= #bytes do
		local len = bytes:byte(at)

		depth = depth + 1
		if len == 0 then
			return nil, "a component of no bytes"
		elseif at + len > #bytes then
			return nil, "a component past the name's end"
		elseif depth > DEPTH_MAX then
			return nil, "more than 32 components"
		end
		text = text .. "/" .. component_text(bytes:sub(at + 1, at + len))
		at = at + len + 1
	end
	return depth == 0 and "/" or text
end

-- raw(): bytes of a packet, none if LEN is 0
local function raw(tvb, at, len)
	return len > 0 and tvb:raw(at, len) or ""
end

-- show_list(): fields at fixed places, each with the parts of it that have a field of their own
local function show_list(tvb, tree, list)
	for _, one in ipairs(list) do
		local item = tree:add(one[1], tvb(one[2], one[3]))

		for _, part in ipairs(one[4] or {}) do
			item:add(part, tvb(one[2], one[3]))
		end
	end
end

-- RMI --------------------------------------------------------------------------------------------

local rmi_fixed = {
	{ r.magic, 0, 1 }, { r.version, 1, 1 }, { r.type, 2, 1 },
	{ r.flags, 3, 1, { r.urge, r.record_flag } },
	{ r.tx, 4, 2 }, { r.status, 6, 1 }, { r.method_len, 7, 1 },
	{ r.client, 8, 8 }, { r.call, 16, 8 },
}
local rmi_rest = { { r.incarnation, 24, 8 }, { r.time, 32, 8 }, { r.oldest, 40, 8 } }

-- Eight bytes as a string: compares as the numbers do, and "" is never one.
local function u64(tvb, at)
	return tvb:raw(at, 8)
end

local ZERO = string.rep("\0", 8)

local function rmi_number_wrong(tvb, shape)
	local want = {
		{ "call", 16, shape.call }, { "incarnation", 24, shape.incarnation },
		{ "time", 32, shape.time }, { "oldest call", 40, shape.oldest },
	}

	if u64(tvb, 8) == ZERO then
		return "no client"
	end
	for _, one in ipairs(want) do
		local there = u64(tvb, one[2]) ~= ZERO

		if there ~= (one[3] or false) and not (one[2] == 40 and shape.held) then
			return (there and "has a number of " or "has no number of ") .. one[1]
		end
	end
end

-- rmi_head_wrong(): why the 48 bytes are no message, or nil
local function rmi_head_wrong(tvb)
	local type, flags, status = tvb(2, 1):uint(), tvb(3, 1):uint(), tvb(6, 1):uint()
	local shape = shapes[type]

	if not shape then
		return "a type unknown"
	elseif bit.band(flags, bit.bnot(shape.flags)) ~= 0 then
		return "a flag its type does not have"
	elseif status ~= 0 and not shape.status then
		return "a status its type does not have"
	elseif status == 0 and type == RMI_REJECT then
		return "a REJECT without a reason"
	elseif (tvb(4, 2):uint() ~= 0) ~= (shape.call or false) then
		return "transmission number"
	elseif (tvb(7, 1):uint() ~= 0) ~= (shape.method or false) then
		return "method length"
	elseif type == RMI_REQUEST and u64(tvb, 40) > u64(tvb, 16) then
		return "older than its oldest call"
	end
	return rmi_number_wrong(tvb, shape)
end

local function rmi_method(tvb, tree, at, len)
	local bytes = tvb:raw(at, len)

	tree:add(r.method, tvb(at, len))
	if not bytes:find("[^%g ]") then
		tree:add(r.method_text, tvb(at, len), bytes):set_generated()
	end
end

-- rmi_part(): a PART's own header; why it is none, or nil
local function rmi_part(tvb, tree)
	local whole, index, size, total, count

	if tvb:len() < RMI_HEADER + RMI_PART_HEAD then
		return "half its own header"
	end
	whole, index = tvb(48, 1):uint(), tvb(49, 1):uint()
	size, total = tvb(50, 2):uint(), tvb(52, 2):uint()
	tree:add(r.whole, tvb(48, 1))
	tree:add(r.index, tvb(49, 1))
	tree:add(r.size, tvb(50, 2))
	tree:add(r.total, tvb(52, 2))
	if whole ~= RMI_REQUEST and whole ~= RMI_REPLY then
		return "a part of what has no parts"
	elseif tvb(54, 2):uint() ~= 0 then
		return "a reserved field in use"
	elseif whole == RMI_REQUEST and u64(tvb, 40) ~= ZERO or
	       whole == RMI_REPLY and tvb(3, 1):uint() ~= 0 then
		return "what a part of its whole does not have"
	elseif size == 0 or total <= size or total > RMI_MAX then
		return "a size or a total that none has"
	end
	count = math.floor((total + size - 1) / size)
	if count > RMI_PARTS_MAX or index >= count then
		return "too many parts, or beyond the last"
	elseif tvb:len() - RMI_HEADER - RMI_PART_HEAD ~= math.min(size, total - index * size) then
		return "not as long as its place asks"
	end
end

-- rmi_extra(): what some types have before all else; its end, and why it is none
local function rmi_extra(tvb, tree)
	local type, at = tvb(2, 1):uint(), RMI_HEADER

	if type == RMI_PART then
		return at + RMI_PART_HEAD, rmi_part(tvb, tree)
	elseif type ~= RMI_ACK and type ~= RMI_PULL then
		return at
	elseif tvb:len() < at + RMI_BITMAP then
		return at, "without its bits"
	end
	tree:add(r.bitmap, tvb(at, RMI_BITMAP))
	return at + RMI_BITMAP
end

-- rmi_body(): method, record, data; why they are none, or nil
local function rmi_body(tvb, tree)
	local type, size = tvb(2, 1):uint(), tvb:len()
	local len = tvb(7, 1):uint()
	local at, why = rmi_extra(tvb, tree)

	if why then
		return why
	end

	if len > size - at then
		return "half its method"
	elseif len > 0 then
		rmi_method(tvb, tree, at, len)
		at = at + len
	end
	if type == RMI_REPLY and bit.band(tvb(3, 1):uint(), RMI_F_RECORD) ~= 0 then
		len = at < size and tvb(at, 1):uint() or 0
		if len == 0 or len > size - at - 1 then
			return "without the record it says it has"
		end
		tree:add(r.record, tvb(at + 1, len))
		at = at + 1 + len
	end
	if at == size then
		return
	elseif not shapes[type].data then
		return "data its type does not have"
	end
	tree:add(r.data, tvb(at, size - at))
end

local function rmi_words(tvb)
	local type, status = tvb(2, 1):uint(), tvb(6, 1):uint()
	local words = (rmi_types[type] or "type " .. type) .. " call " ..
		      tostring(tvb(16, 8):uint64()) .. " tx " .. tvb(4, 2):uint()

	if type == RMI_REPLY then
		words = words .. ": " .. (reply_words[status] or "status " .. status)
	elseif type == RMI_REJECT then
		words = words .. ": " .. (reject_words[status] or "status " .. status)
	elseif type == RMI_PART and tvb:len() >= RMI_HEADER + RMI_PART_HEAD then
		words = words .. ": " .. tvb(49, 1):uint() .. " of a " ..
			(rmi_types[tvb(48, 1):uint()] or "whole")
	elseif type == RMI_REQUEST and tvb:len() >= RMI_HEADER + tvb(7, 1):uint() then
		words = words .. " " .. component_text(tvb:raw(RMI_HEADER, tvb(7, 1):uint()))
	end
	return words
end

-- A quote may end anywhere; its first 24 bytes name call and transmission.
local function rmi_quoted(tvb, tree)
	tree = tree:add(rmi, tvb())
	tree:append_text(", quoted: " .. rmi_words(tvb))
	show_list(tvb, tree, rmi_fixed)
	if tvb:len() >= RMI_HEADER then
		show_list(tvb, tree, rmi_rest)
	end
end

local function rmi_malformed(tree, why)
	tree:add_proto_expert_info(re.malformed, "No RMI message: " .. why)
	return "RMI, malformed: " .. why
end

-- rmi_message(): show it, return words on it
local function rmi_message(tvb, tree)
	local why

	tree = tree:add(rmi, tvb())
	if tvb:len() < RMI_INVARIANT then
		return rmi_malformed(tree, "shorter than what all versions have")
	end
	show_list(tvb, tree, rmi_fixed)
	if tvb(1, 1):uint() ~= 1 then
		tree:add_proto_expert_info(re.version)
		return "RMI version " .. tvb(1, 1):uint()
	elseif tvb:len() < RMI_HEADER or tvb:len() > RMI_MAX then
		return rmi_malformed(tree, "not of 48 to 65,000 bytes")
	end
	show_list(tvb, tree, rmi_rest)
	why = rmi_head_wrong(tvb) or rmi_body(tvb, tree)
	if why then
		return rmi_malformed(tree, why)
	end
	tree:append_text(": " .. rmi_words(tvb))
	return rmi_words(tvb)
end

-- Header -----------------------------------------------------------------------------------------

local fixed = {
	{ f.version, 0, 1 }, { f.type, 0, 1 }, { f.flags, 1, 1, { f.first, f.hop_tlv } },
	{ f.hop, 2, 1 }, { f.class, 3, 1, { f.dscp, f.ecn } }, { f.header_len, 4, 1 },
	{ f.proto, 5, 1 }, { f.payload_len, 6, 2 }, { f.flow, 8, 4 }, { f.path, 12, 4 },
	{ f.dst_len, 16, 1 }, { f.src_len, 17, 1 }, { f.reserved, 18, 2 },
}

local function show_name(tvb, tree, field, at, len)
	local text, why = name_text(raw(tvb, at, len))

	if text and len > 0 then
		tree:add(field, tvb(at, len), text)
	elseif text then
		tree:add(field, text)
	end
	return text, why
end

-- show_entries(): the nodes in a record's used bytes; false if they are no names
local function show_entries(tvb, tree, at, stop)
	while at < stop do
		local len = tvb(at, 1):uint()
		local text = at + 1 + len <= stop and name_text(raw(tvb, at + 1, len))

		if not text then
			return false
		end
		tree:add(f.record_node, tvb(at, 1 + len), text)
		at = at + 1 + len
	end
	return true
end

-- show_record(): a RECORD's value; why it is none, or nil
local function show_record(tvb, tree, at, len)
	local used

	if len < 2 then
		return "a record too short for its own fields"
	end
	used = tvb(at, 1):uint()
	tree:add(f.record_len, len):set_generated()
	tree:add(f.record_used, tvb(at, 1))
	tree:add(f.record_missed, tvb(at + 1, 1))
	if used > len - 2 then
		return "a record that uses more than it has"
	elseif not show_entries(tvb, tree, at + 2, at + 2 + used) then
		return "a record with an entry that is no name"
	end
end

-- show_pool(): a POOL's value; why it is none, or nil
local function show_pool(tvb, tree, at, len, pkt)
	local value, dst = raw(tvb, at, len), raw(tvb, 20, pkt.dst_len)
	local text, why

	tree:add(f.pool_len, len):set_generated()
	text, why = show_name(tvb, tree, f.pool, at, len)
	if not text then
		return "POOL: " .. why
	elseif len == 0 then
		return "a POOL that is the root"
	elseif dst:sub(1, len) ~= value or dst:byte(len + 1) ~= #dst - len - 1 then
		return "the destination is not the POOL and one component"
	end
end

-- show_tlv(): one that is no pad byte; its end, or nil and why it is none
local function show_tlv(tvb, tree, at, stop, pkt)
	local type, len = tvb(at, 1):uint()

	if at + 1 == stop then
		return nil, "a TLV without a length"
	end
	len = tvb(at + 1, 1):uint()
	if at + 2 + len > stop then
		return nil, "a TLV past the header's end"
	end
	tree = tree:add(f.tlv, tvb(at, 1))
	tree:set_len(2 + len)
	tree:add(f.tlv_len, tvb(at + 1, 1))
	if bit.band(type, TLV_HOP) ~= 0 then
		pkt.hop_tlv = true
	end
	if type == TLV_RECORD then
		if pkt.record then
			return nil, "two records"
		end
		pkt.record = true
		local why = show_record(tvb, tree, at + 2, len)
		if why then
			return nil, why
		end
	elseif type == TLV_POOL then
		if pkt.pool then
			return nil, "two POOLs"
		end
		pkt.pool = true
		local why = show_pool(tvb, tree, at + 2, len, pkt)
		if why then
			return nil, why
		end
	elseif len > 0 then
		tree:add(f.tlv_value, tvb(at + 2, len))
	end
	return at + 2 + len
end

-- show_tlvs(): all of them; why they are none, or nil
local function show_tlvs(tvb, tree, at, stop, pkt)
	local why

	while at < stop do
		if tvb(at, 1):uint() == 0 then
			at = at + 1
		else
			at, why = show_tlv(tvb, tree, at, stop, pkt)
			if not at then
				return why
			end
		end
	end
	if (bit.band(tvb(1, 1):uint(), FLAG_HOP) ~= 0) ~= (pkt.hop_tlv or false) then
		return "flag HOP and the TLVs disagree"
	end
end

-- show_names(): both; why they are none, or nil
local function show_names(tvb, tree, pkt)
	local why

	pkt.dst, why = show_name(tvb, tree, f.dst, 20, pkt.dst_len)
	if not pkt.dst then
		return "destination: " .. why
	elseif pkt.dst_len == 0 then
		return "destination is the root"
	end
	pkt.src, why = show_name(tvb, tree, f.src, 20 + pkt.dst_len, pkt.src_len)
	if not pkt.src then
		return "source: " .. why
	elseif pkt.src_len == 0 and pkt.proto ~= PROTO_ERROR then
		return "source is the root, and it is no error"
	end
end

-- Payloads ---------------------------------------------------------------------------------------

local function is_ip(proto)
	return proto == PROTO_IPV4 or proto == PROTO_IPV6
end

local function show_message(tvb, tree, pkt)
	if tvb(0, 1):uint() ~= RMI_MAGIC then
		tree:add(f.data, tvb())
	elseif not pkt.quoted then
		return rmi_message(tvb, tree)
	elseif tvb:len() >= RMI_INVARIANT then
		rmi_quoted(tvb, tree)
	else
		tree:add(f.data, tvb())
	end
end

local function show_echo(tvb, tree)
	local type = tvb(0, 1):uint()

	tree:add(f.echo_type, tvb(0, 1))
	if tvb:len() < 4 or not echo_types[type] then
		tree:add_proto_expert_info(e.payload, "No echo")
	elseif tvb:len() > 4 then
		tree:add(f.echo_data, tvb(4))
	end
	return "echo " .. (echo_types[type] or type)
end

-- What an error quotes and who may be told: dissected like a packet, marked otherwise.
local function show_quote(tvb, tree, pkt)
	local quoted, why = pkt.packet(tvb, tree:add(f.quote, tvb()), true)

	if why then
		tree:add_proto_expert_info(e.quote, "No receiver believes this quote: " .. why)
		return ""
	elseif quoted.src ~= pkt.dst then
		tree:add_proto_expert_info(e.quote, "It quotes another source than it came to")
	end
	return " about " .. quoted.dst
end

local function show_error(tvb, tree, pkt)
	local code, words

	if tvb:len() < 8 then
		tree:add_proto_expert_info(e.payload, "No error: shorter than 8 bytes")
		return "error"
	end
	code = tvb(0, 1):uint()
	tree:add(f.code, tvb(0, 1))
	tree:add(f.info, tvb(4, 4))
	words = "error " .. (codes[code] or code)
	if not pkt.quoted then
		tree:add_proto_expert_info(e.refused, words)
	end
	if tvb:len() == 8 then
		tree:add_proto_expert_info(e.quote, "It quotes nothing")
	elseif not pkt.quoted then
		words = words .. show_quote(tvb(8):tvb(), tree, pkt)
	end
	return words
end

local payloads = {
	[PROTO_MESSAGE] = show_message, [PROTO_ECHO] = show_echo, [PROTO_ERROR] = show_error,
}

-- Fragments --------------------------------------------------------------------------------------

-- Messages of which fragments wait, by what tells them apart; frames that made one whole.
local waiting, wholes = {}, {}

function damc.init()
	waiting, wholes = {}, {}
end

local fragment_fixed = {
	{ f.fragment_proto, 0, 1 }, { f.fragment_offset, 2, 2 }, { f.fragment_total, 4, 2 },
	{ f.fragment_id, 8, 4 },
}

-- fragment_wrong(): why no message can have it, or nil
local function fragment_wrong(part)
	local stop = part.offset + part.len

	if part.proto ~= PROTO_MESSAGE and part.proto ~= PROTO_ECHO then
		return "of a protocol that is not cut"
	elseif part.len == 0 then
		return "without data"
	elseif part.total > RMI_MAX then
		return "of more than 65,000 bytes"
	elseif stop > part.total then
		return "past the end"
	elseif part.len == part.total then
		return "the whole"
	elseif stop == part.total then
		return part.offset < FRAGMENT_MIN and "a last one at less than 512" or nil
	elseif part.len < FRAGMENT_MIN then
		return "shorter than 512"
	elseif part.offset % part.len ~= 0 then
		return "not at a multiple of its size"
	end
end

-- A capture of several links has each message once a link: who sent the frame tells them apart.
local function fragment_key(tvb, pinfo, pkt)
	return table.concat({ tostring(pinfo.dl_src), tostring(pinfo.net_src), pkt.src, pkt.dst,
			      pkt.flow, tvb:raw(0, 1), tvb:raw(8, 4) }, "\0")
end

-- clashes(): whether a message of which PART is one cannot have what has come
local function clashes(message, part)
	local last = part.offset + part.len == part.total and part.offset or message.last
	local size = last ~= part.offset and part.len or message.size

	if part.total ~= message.total or size ~= (message.size or size) or
	   last ~= (message.last or last) then
		return true
	end
	return last and size and (last % size ~= 0 or part.total - last > size)
end

-- fragment_add(): the whole's bytes if this fragment was all it lacked; or nil, and true if it clashes
local function fragment_add(key, part, bytes, time)
	local message = waiting[key]

	if not message or time - message.since > FRAGMENT_WAIT then
		message = { total = part.total, since = time, got = 0, parts = {} }
		waiting[key] = message
	end
	if clashes(message, part) then
		waiting[key] = nil
		return nil, true
	elseif message.parts[part.offset] then
		return nil
	end
	if part.offset + part.len == part.total then
		message.last = part.offset
	else
		message.size = part.len
	end
	message.parts[part.offset] = bytes
	message.got = message.got + part.len
	if message.got < message.total then
		return nil
	end
	waiting[key] = nil
	local whole, at = ByteArray.new(), 0
	while at < part.total do
		whole:append(message.parts[at])
		at = at + message.parts[at]:len()
	end
	return whole
end

-- fragment_whole(): show the message if this fragment makes it whole, return words on it
local function fragment_whole(tvb, pinfo, tree, pkt, part)
	local clash

	-- Frames are first seen in order, and later in any.
	if not pinfo.visited then
		wholes[pinfo.number], clash = fragment_add(fragment_key(tvb, pinfo, pkt), part,
			tvb(FRAGMENT_HEADER):bytes(), pinfo.rel_ts)
		wholes[pinfo.number] = wholes[pinfo.number] or clash and "clash" or nil
	end
	local whole = wholes[pinfo.number]

	if whole == "clash" then
		tree:add_proto_expert_info(e.clash)
		return
	elseif whole then
		tree:add(f.fragment_whole, whole:len()):set_generated()
		return payloads[part.proto](whole:tvb("DAMC message"), tree, pkt)
	end
end

local function fragment_words(part)
	return string.format("fragment %d+%d of %d", part.offset, part.len, part.total)
end

-- What an error quotes of a first one is the message's beginning.
local function fragment_quoted(tvb, tree, pkt, part)
	if part.offset == 0 and payloads[part.proto] then
		payloads[part.proto](tvb(FRAGMENT_HEADER):tvb(), tree, pkt)
	else
		tree:add(f.fragment_data, tvb(FRAGMENT_HEADER))
	end
end

local function show_fragment(tvb, pinfo, tree, pkt)
	local part, why, words

	if pkt.quoted and tvb:len() <= FRAGMENT_HEADER then
		tree:add(f.data, tvb())
		return "fragment"
	elseif tvb:reported_len() <= FRAGMENT_HEADER then
		tree:add_proto_expert_info(e.fragment, "A fragment without data")
		return "fragment, malformed"
	elseif tvb:len() <= FRAGMENT_HEADER then
		tree:add_proto_expert_info(e.cut)
		return "fragment"
	end
	show_list(tvb, tree, fragment_fixed)
	part = { proto = tvb(0, 1):uint(), offset = tvb(2, 2):uint(), total = tvb(4, 2):uint(),
		 len = tvb:reported_len() - FRAGMENT_HEADER }
	if pkt.quoted then
		return fragment_quoted(tvb, tree, pkt, part)
	end
	tree:add(f.fragment_data, tvb(FRAGMENT_HEADER))
	why = fragment_wrong(part)
	if why then
		tree:add_proto_expert_info(e.fragment, "A fragment that no message can have: " .. why)
		return "fragment, malformed: " .. why
	elseif tvb:len() == tvb:reported_len() then
		words = fragment_whole(tvb, pinfo, tree, pkt, part)
	end
	return fragment_words(part) .. (words and ", the last to come of: " .. words or "")
end

local function show_ip(tvb, pinfo, tree, pkt)
	if pkt.quoted then
		tree:add(f.data, tvb())
	else
		Dissector.get(pkt.proto == PROTO_IPV4 and "ip" or "ipv6"):call(tvb, pinfo, tree)
	end
end

-- show_payload(): show it and return words on it
local function show_payload(tvb, pinfo, tree, pkt)
	local words = protos[pkt.proto] or "protocol " .. pkt.proto
	local show = payloads[pkt.proto]

	if tvb:len() == 0 then
		if show and show ~= show_message and not pkt.quoted then
			tree:add_proto_expert_info(e.payload, "No payload")
		end
	elseif is_ip(pkt.proto) then
		show_ip(tvb, pinfo, tree, pkt)
	elseif pkt.proto == PROTO_FRAGMENT then
		words = show_fragment(tvb, pinfo, tree, pkt) or words
	elseif show then
		words = show(tvb, tree, pkt) or words
	else
		tree:add(f.data, tvb())
	end
	return words
end

-- Packets ----------------------------------------------------------------------------------------

-- payload_size(): how much of it is here; or nil and why there is none
local function payload_size(tvb, tree, pkt)
	local room = tvb:reported_len() - pkt.header_len
	local told = tvb(6, 2):uint()

	if is_ip(pkt.proto) then
		if told ~= 0 then
			return nil, "carried IP with a payload length"
		end
		told = room
	elseif told > room and not pkt.quoted then
		return nil, "payload shorter than told"
	end
	tree:add(f.payload_bytes, told):set_generated()
	return math.min(told, tvb:len() - pkt.header_len)
end

-- header(): show it; what it says, or nil and why it is malformed
local function header(tvb, tree, quoted)
	local pkt = { quoted = quoted }
	local why

	if tvb:reported_len() < FIXED then
		return nil, "shorter than the fixed part"
	end
	show_list(tvb, tree, fixed)
	pkt.header_len, pkt.proto = tvb(4, 1):uint() * 4, tvb(5, 1):uint()
	pkt.dst_len, pkt.src_len = tvb(16, 1):uint(), tvb(17, 1):uint()
	pkt.flow = tvb(8, 4):uint()
	if pkt.header_len < FIXED + pkt.dst_len + pkt.src_len then
		return nil, "header length below the names' end"
	elseif pkt.header_len > tvb:reported_len() then
		return nil, "shorter than its header"
	elseif pkt.header_len > tvb:len() then
		tree:add_proto_expert_info(e.cut)
		return pkt
	end
	why = show_names(tvb, tree, pkt) or
	      show_tlvs(tvb, tree, FIXED + pkt.dst_len + pkt.src_len, pkt.header_len, pkt)
	if why then
		return nil, why
	end
	pkt.size, why = payload_size(tvb, tree, pkt)
	return pkt.size and pkt, why
end

local function unspoken(tvb)
	return tvb:len() > 0 and tvb(0, 1):uint() ~= 0x10 and tvb:reported_len() >= FIXED
end

-- quote(): the refused packet within an error; what it says, or nil and why it is none
local function quote(tvb, tree)
	if unspoken(tvb) then
		return nil, "a version or type not spoken"
	end
	local pkt, why = header(tvb, tree, true)

	if pkt and pkt.size and pkt.size > 0 then
		show_payload(tvb(pkt.header_len, pkt.size):tvb(), nil, tree, pkt)
	end
	return pkt, why
end

local function well_formed(tvb, pinfo, tree, pkt)
	local body, rest = tvb(pkt.header_len, pkt.size), pkt.header_len + pkt.size
	local words

	pkt.packet = quote
	words = show_payload(pkt.size > 0 and body:tvb() or ByteArray.new():tvb(), pinfo, tree, pkt)
	if rest < tvb:len() then
		tree:add(f.trailer, tvb(rest))
	end
	tree:append_text(", " .. pkt.src .. " to " .. pkt.dst .. ": " .. words)
	return pkt.src .. " → " .. pkt.dst .. " " .. words
end

function damc.dissector(tvb, pinfo, root)
	local tree = root:add(damc, tvb())
	local pkt, why

	pinfo.cols.protocol = "DAMC"
	if unspoken(tvb) then
		tree:add(f.version, tvb(0, 1))
		tree:add(f.type, tvb(0, 1))
		tree:add_proto_expert_info(e.version)
		pinfo.cols.info = "A version or type not spoken"
		return
	end
	if tvb:len() < math.min(FIXED, tvb:reported_len()) then
		tree:add_proto_expert_info(e.cut)
		return
	end
	pkt, why = header(tvb, tree, false)
	if not pkt then
		tree:add_proto_expert_info(e.malformed, "Malformed: " .. why)
		pinfo.cols.info = "Malformed: " .. why
	elseif pkt.size and pkt.size >= 0 then
		pinfo.cols.info = well_formed(tvb, pinfo, tree, pkt)
	end
end

-- Where packets come from ------------------------------------------------------------------------

-- A tree that shows nothing, to ask whether bytes are a packet.
local nowhere = setmetatable({}, {
	__index = function()
		return function(self)
			return self
		end
	end,
})

-- Whether a datagram on a port that nobody spoke for is a packet from end to end.
local function is_packet(tvb)
	if tvb:len() < FIXED or tvb:len() < tvb:reported_len() or unspoken(tvb) or
	   tvb(18, 2):uint() ~= 0 then
		return false
	end
	local pkt = header(tvb, nowhere, false)

	return pkt and protos[pkt.proto] and pkt.header_len + pkt.size == tvb:len()
end

local function heuristic(tvb, pinfo, root)
	if not is_packet(tvb) then
		return false
	end
	damc.dissector(tvb, pinfo, root)
	return true
end

local ethertypes, udp_ports = DissectorTable.get("ethertype"), DissectorTable.get("udp.port")

-- The module's parameter "ethertype" and "damc info set udp-port" may name others.
damc.prefs.ethertype = Pref.uint("EtherType", ETHERTYPE, "The module's parameter ethertype")
damc.prefs.udp_ports = Pref.range("UDP ports", UDP_PORTS, "As set by damc info set udp-port", 65535)
ethertypes:add(ETHERTYPE, damc)
udp_ports:add(UDP_PORTS, damc)
damc:register_heuristic("udp", heuristic)

function damc.prefs_changed()
	ethertypes:remove(ETHERTYPE, damc)
	ETHERTYPE = damc.prefs.ethertype
	ethertypes:add(ETHERTYPE, damc)
	if UDP_PORTS ~= "" then
		udp_ports:remove(UDP_PORTS, damc)
	end
	UDP_PORTS = damc.prefs.udp_ports
	if UDP_PORTS ~= "" then
		udp_ports:add(UDP_PORTS, damc)
	end
end
