-- Writes rows of features unless a newer one is there already. Each row at once: nobody sees half of one.
--   KEYS  the hash of each row's entity
--   ARGV  milliseconds that a written key is kept ('' for ever), number of features n,
--         field of the event time, n fields of features; then for each key the event time
--         (google.protobuf.Timestamp) and n values (feast.types.Value)
-- Returns how many rows were written. A row of the time that is there already is written again.
local keep, n, time_field = ARGV[1], tonumber(ARGV[2]), ARGV[3]

-- A varint at a position, and the position behind it; nil where the bytes end too early.
-- Numbers of Lua are doubles: negative ones, which have ten bytes, are put together from the
-- complements of their digits.
local function varint(s, at)
  local value, complement, factor, start = 0, 0, 1, at
  while true do
    local byte = s:byte(at)
    if not byte or at - start > 9 then return nil end
    at = at + 1
    if byte < 128 then
      if at - start == 10 then return -complement - 1, at end
      return value + byte * factor, at
    end
    value = value + (byte - 128) * factor
    complement = complement + (255 - byte) * factor
    factor = factor * 128
  end
end

-- Seconds and nanoseconds; nil where the bytes are no time.
local function time(s)
  local seconds, nanos, at, tag = 0, 0, 1
  while at <= #s do
    tag = s:byte(at)
    if tag == 8 then seconds, at = varint(s, at + 1)
    elseif tag == 16 then nanos, at = varint(s, at + 1)
    else return nil end
    if not at then return nil end
  end
  return seconds, nanos
end

local function is_newer(stored, given)
  if not stored or stored == given then return false end
  local stored_seconds, stored_nanos = time(stored)
  if not stored_seconds then return false end
  local seconds, nanos = time(given)
  return stored_seconds > seconds or stored_seconds == seconds and stored_nanos > nanos
end

local call, at, written = redis.call, 3 + n, 0
local command = {'HSET', '', time_field, ''}
for i = 1, n do command[3 + 2 * i] = ARGV[3 + i] end
for k = 1, #KEYS do
  local given = ARGV[at + 1]
  if not is_newer(call('HGET', KEYS[k], time_field), given) then
    command[2], command[4] = KEYS[k], given
    for i = 1, n do command[4 + 2 * i] = ARGV[at + 1 + i] end
    call(unpack(command))
    if keep ~= '' then call('PEXPIRE', KEYS[k], keep) end
    written = written + 1
  end
  at = at + n + 1
end
return written
