-- Gives the next page of the audit to whoever asks, if it is anybody's turn.
--
-- KEYS  1 audit   HASH   the walk: cursor, asked (what it follows, or ''), began, seen, mended,
--                        turn (until when its page is somebody's); and of the last whole walk:
--                        last_asked, last_began, last_ended, last_seen, last_mended
--       2 reindex STRING what asks for a walk in a hurry; it stands until that walk has ended
--
-- ARGV  1 '1' for a walk in a hurry only  2 seconds from one page to the next where nothing hurries
--       3 seconds after which a page in a hurry is given to another
--       4 a cursor at the beginning, never given twice
--
-- Returns false, or the cursor and what the walk follows.

local asked = redis.call('GET', KEYS[2])
if not asked and ARGV[1] == '1' then return false end

local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local walk = redis.call('HMGET', KEYS[1], 'cursor', 'asked', 'turn', 'began')
local cursor, turn, began = walk[1], tonumber(walk[3] or 0), walk[4]
-- A walk that was begun for a reason ends for that reason, whatever becomes of the request.
if not asked then asked = cursor and walk[2] or '' end
local pause = tonumber(asked == '' and ARGV[2] or ARGV[3])
if not cursor or walk[2] ~= asked then
  cursor, turn, began = ARGV[4], 0, nil
  redis.call('HSET', KEYS[1], 'cursor', cursor, 'asked', asked, 'seen', 0, 'mended', 0)
end
-- One that lies further ahead, by more than rounding, was noted by a clock that was set back since.
if turn > now and turn <= now + pause + 1 then return false end
redis.call('HSET', KEYS[1], 'began', began or time[1], 'turn', string.format('%.3f', now + pause))
return { cursor, asked }
