-- The last look before bodies leave: marks those as leaving whose claim and truth still hold.
--
-- KEYS  1 leases     ZSET  delivery -> end of the claim's lease
--       2 pass       STRING the process of Redis that somebody has looked at
--       3 ready      ZSET  delivery -> urgency
--       4 notices    ZSET  notice -> when
-- Further keys are made of the prefixes in ARGV, or named there in full: one Redis, no cluster.
--
-- ARGV  1 lease (seconds)  2 prefix of delivery keys  3 of conference keys  4 of sets of the untold
--       then for each letter: its id, token, conference ('' where there is none), the version of that
--         which was looked at, the mark of its person ('' without conference), '1' if that was seen
--         among the untold, '1' if the letter tells of the conference, its urgency should it have to
--         wait, and '' -- or, where it says something newer than what was decided, the etag of the
--         conference that it was made from, then id, key, JSON of the notice that it tells (STRING),
--         and the key of that notice's LIST of deliveries
--
-- What a letter said is kept in the step that lets it go: whoever has to send it once more can make
-- the very same bytes.
-- Returns for each 'ok', 'lost' (the claim is not ours any more), 'changed' (look at the conference
-- again), or a fault, which is this letter's alone.

local at = 5
local function take()
  at = at + 1
  return ARGV[at - 1]
end

local function read()
  local letter = { id = take(), token = take(), conference = take(), version = take(), mark = take() }
  letter.untold, letter.tells, letter.urgency, letter.etag = take() == '1', take(), take(), take()
  if letter.etag ~= '' then
    letter.notice, letter.key, letter.text, letter.list = take(), take(), take(), take()
  end
  letter.row, letter.set = ARGV[2] .. letter.id, ARGV[4] .. letter.conference
  return letter
end

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

local function judged(letter)
  local row = redis.call('HMGET', letter.row, 'state', 'token')
  if row[2] ~= letter.token then return 'lost' end
  if row[1] == 'in_data' then return 'ok' end -- the client sent the command twice
  if row[1] ~= 'sending' then return 'lost' end
  if closed() then return 'closed' end
  local version, etag = truth(letter.conference)
  if version ~= letter.version then return 'changed' end
  if letter.notice and etag ~= letter.etag then return 'changed' end
  local untold = letter.mark ~= '' and redis.call('SISMEMBER', letter.set, letter.mark) == 1
  if untold ~= letter.untold then return 'changed' end
  return 'leaves'
end

local function put_back(letter)
  -- Closed since the claim: the delivery waits, and it was nobody's fault.
  redis.call('ZREM', KEYS[1], letter.id)
  redis.call('HSET', letter.row, 'state', 'pending', 'token', '')
  redis.call('ZADD', KEYS[3], letter.urgency, letter.id)
  return 'lost'
end

local now = redis.call('TIME')[1]
local function lets_go(letter)
  local said = { 'state', 'in_data' }
  if letter.notice then
    if redis.call('SET', letter.key, letter.text, 'NX') then
      redis.call('ZADD', KEYS[4], now, letter.notice)
    end
    redis.call('RPUSH', letter.list, letter.id)
    said[3], said[4] = 'notice', letter.notice
  end
  if letter.untold and letter.tells == '1' then
    redis.call('SREM', letter.set, letter.mark)
    -- Should it not arrive, its person knows nothing yet.
    said[#said + 1], said[#said + 2] = 'first', '1'
  end
  redis.call('HSET', letter.row, unpack(said))
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
while at <= #ARGV do
  local letter = read()
  local answer = of(judged, letter)
  if answer == 'closed' then answer = of(put_back, letter) end
  answers[#answers + 1] = answer
  if answer == 'leaves' then
    leaving[#answers] = letter
    ids[#ids + 1] = letter.id
    leases[#leases + 1], leases[#leases + 2] = ends, letter.id
  end
end
if #ids > 0 then
  -- A removal first: it is allowed in a Redis whose memory is full, and so is what follows it.
  redis.call('ZREM', KEYS[1], unpack(ids))
  for place, letter in pairs(leaving) do
    answers[place] = of(lets_go, letter)
  end
  redis.call('ZADD', KEYS[1], unpack(leases))
end
return answers
