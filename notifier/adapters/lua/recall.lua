-- Gives what is known of conferences, each with the rows of some of its people.
--
-- Keys are named in full in the argument: conferences HASH (known, etag, version), their lists HASH
-- person key -> row; one Redis, no cluster. Nothing is written.
--
-- ARGV  1 list (MessagePack) of lists: key of a conference, key of its list, keys of people ...
--
-- Returns for each of them known, etag, version, then a row for each of the people; nil is none.

local found = {}
for i, asked in ipairs(cmsgpack.unpack(ARGV[1])) do
  local answer = redis.call('HMGET', asked[1], 'known', 'etag', 'version')
  if #asked > 2 then
    for n, row in ipairs(redis.call('HMGET', asked[2], unpack(asked, 3))) do answer[3 + n] = row end
  end
  found[i] = answer
end
return found
