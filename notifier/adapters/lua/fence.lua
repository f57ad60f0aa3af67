-- The last look before bodies leave: marks those as leaving whose claim and truth still hold.
--
-- KEYS  1 leases     ZSET  delivery -> end of the claim's lease
--       2 pass       STRING the process of Redis that somebody has looked at
--       3 ready      ZSET  delivery -> urgency
--       4 notices    ZSET  notice -> when
-- Further keys are made of the prefixes in ARGV, or named there in full: one Redis, no cluster.
--
-- ARGV  1 lease (seconds)  2 prefix of delivery keys  3 of conference keys  4 of sets of the untold
--       5 for each letter (MessagePack): its id, token, conference ('' where there is none), the
--         version of that which was looked at, the mark of its person ('' without conference),
--         whether that was seen among the untold, whether the letter tells of the conference, its
--         urgency should it have to wait, and '' -- or, where it says something newer than what was
--         decided, the etag of the conference that it was made from, then id, key, JSON of the notice
--         that it tells (STRING), and the key of that notice's LIST of deliveries
--
-- What a letter said is kept in the step that lets it go: whoever has to send it once more can make
-- the very same bytes.
-- Returns for each 'ok', 'lost' (the claim is not ours any more), 'changed' (look at the conference
-- again), or a fault, which is this letter's alone.

local ID, TOKEN, CONFERENCE, VERSION, MARK, UNTOLD, TELLS = 1, 2, 3, 4, 5, 6, 7
local URGENCY, ETAG, NOTICE, KEY, TEXT, LIST = 8, 9, 10, 11, 12, 13
local letters = cmsgpack.unpack(ARGV[5])
local now = redis.call('TIME')[1]

local open
local function closed()
  if open == nil then
    open = redis.call('GET', KEYS[2]) == string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
  end
  return not open
end

-- Read once for all letters about one conference.
local truths = {}
local function truth(conference)
  local found = truths[conference]
  if not found then
    found = redis.call('HMGET', ARGV[3] .. conference, 'version', 'etag')
    truths[conference] = found
  end
  return found[1] or '0', found[2] or '0'
end

-- Of a conference, the marks that a letter of this call takes out of the set.
local told = {}
local function untold(letter)
  if letter[MARK] == '' then return false end
  local here = told[letter[CONFERENCE]]
  if here and here[letter[MARK]] then return false end
  return redis.call('SISMEMBER', ARGV[4] .. letter[CONFERENCE], letter[MARK]) == 1
end

local function judged(letter)
  local row = redis.call('HMGET', ARGV[2] .. letter[ID], 'state', 'token')
  if row[2] ~= letter[TOKEN] then return 'lost' end
  if row[1] == 'in_data' then return 'ok' end -- the client sent the command twice
  if row[1] ~= 'sending' then return 'lost' end
  if closed() then return 'closed' end
  local version, etag = truth(letter[CONFERENCE])
  if version ~= letter[VERSION] then return 'changed' end
  if letter[ETAG] ~= '' and etag ~= letter[ETAG] then return 'changed' end
  if untold(letter) ~= letter[UNTOLD] then return 'changed' end
  return 'leaves'
end

local function put_back(letter)
  -- Closed since the claim: the delivery waits, and it was nobody's fault.
  redis.call('ZREM', KEYS[1], letter[ID])
  redis.call('HSET', ARGV[2] .. letter[ID], 'state', 'pending', 'token', '')
  redis.call('ZADD', KEYS[3], letter[URGENCY], letter[ID])
  return 'lost'
end

local function lets_go(letter)
  local row = ARGV[2] .. letter[ID]
  if letter[ETAG] ~= '' then
    if redis.call('SET', letter[KEY], letter[TEXT], 'NX') then
      redis.call('ZADD', KEYS[4], now, letter[NOTICE])
    end
    redis.call('RPUSH', letter[LIST], letter[ID])
    redis.call('HSET', row, 'notice', letter[NOTICE])
  end
  if letter[UNTOLD] and letter[TELLS] then
    -- Should it not arrive, its person knows nothing yet.
    redis.call('HSET', row, 'state', 'in_data', 'first', '1')
  else
    redis.call('HSET', row, 'state', 'in_data')
  end
  return 'ok'
end

-- What `act` makes of a letter; a fault of one row spoils no other.
local function of(act, letter)
  local went_well, answer = pcall(act, letter)
  if went_well then return answer end
  return type(answer) == 'table' and answer or { err = tostring(answer) }
end

local answers, leaving, ids, leases = {}, {}, {}, {}
local ends = tonumber(now) + tonumber(ARGV[1])
for place, letter in ipairs(letters) do
  local answer = of(judged, letter)
  if answer == 'closed' then answer = of(put_back, letter) end
  answers[place] = answer
  if answer == 'leaves' then
    leaving[#leaving + 1] = place
    ids[#ids + 1] = letter[ID]
    leases[#leases + 1], leases[#leases + 2] = ends, letter[ID]
    if letter[UNTOLD] and letter[TELLS] then
      local marks = told[letter[CONFERENCE]] or {}
      told[letter[CONFERENCE]] = marks
      marks[letter[MARK]] = true
    end
  end
end
if #ids == 0 then return answers end

-- Removals first: they are allowed in a Redis whose memory is full, and so is what follows them.
redis.call('ZREM', KEYS[1], unpack(ids))
for conference, marks in pairs(told) do
  local out = {}
  for mark in pairs(marks) do out[#out + 1] = mark end
  redis.call('SREM', ARGV[4] .. conference, unpack(out))
end
for _, place in ipairs(leaving) do
  answers[place] = of(lets_go, letters[place])
end
redis.call('ZADD', KEYS[1], unpack(leases))
return answers
