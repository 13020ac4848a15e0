-- `owner/decide.rs`.

-- The numbers of verdicts.
local REFUSED, ADMITTED, OVER, NEVER = 0, 1, 2, 3

local function refused(wait)
  if wait then
    return REFUSED, wait
  end
  return NEVER, 0
end

-- Units that can be had: what is out on leases cannot.
local function room(state, rule, now)
  return without(rule.algorithm.remaining(rule, state.count, now), tokens(state))
end

-- After how many milliseconds units can be had whatever the holders of leases do: the first moment at which they can although all is used, as late as can
-- be. Whoever tells earlier makes it no later.
local function wait_for(state, rule, units, now)
  local algorithm = rule.algorithm
  local alone = algorithm.wait_for(rule, state.count, units, now)
  if not alone or tokens(state) == 0 then
    -- May be beyond, and is then cut.
    return alone and min(alone, LARGEST)
  end
  local from = now
  while true do
    -- What is wanted beside the leases may be beyond, and is then more than any quota.
    local wait = algorithm.wait_for(rule, state.count, units + tokens(state), from)
    local first = state.leases[1] and state.leases[1][1]
    -- May be beyond, and is then later than any end, and cut.
    if wait and (not first or from + wait <= first) then
      return min(from - now + wait, LARGEST)
    elseif not first then
      return nil
    end
    state = end_leases(state, rule, first)
    from = max(from, first)
  end
end

local function standing(state, rule, now)
  if tokens(state) == 0 then
    local remaining, next_ms, full_ms = count_standing(rule, state.count, now)
    return remaining, min(next_ms, LARGEST), full_ms
  end
  local remaining = room(state, rule, now)
  -- May be beyond, and is then cut.
  local full_ms = min(ends_in(state, rule, now), LARGEST)
  return remaining, wait_for(state, rule, remaining + 1, now) or full_ms, full_ms
end

local operations = {}

-- Each yields the state after it, the verdict and its number, and what is handed out: a number and an end.

-- Charge: a the cost, b whether what is over is metered.
operations[1] = function(state, rule, ask, now)
  local algorithm = rule.algorithm
  if algorithm == slots then
    local count, slot, next_ms = slots.acquire(rule, state.count, now)
    if not slot then
      return state, REFUSED, next_ms, 0, 0
    end
    return { count = count, leases = state.leases }, ADMITTED, 0, slot, 0
  end
  local wait = wait_for(state, rule, ask.a, now)
  local verdict, detail = ADMITTED, 0
  if wait == 0 then
    detail = algorithm.delay_ms and algorithm.delay_ms(rule, state.count, now) or 0
  elseif ask.b ~= 0 then
    verdict, detail = OVER, without(ask.a, room(state, rule, now))
  else
    verdict, detail = refused(wait)
    return state, verdict, detail, 0, 0
  end
  return take(state, rule, ask.a, now), verdict, detail, 0, 0
end

-- Lease: a the cost, b how many would be welcome, c for how long, d the share.
operations[2] = function(state, rule, ask, now)
  local left = room(state, rule, now)
  if left < ask.a then
    local verdict, detail = refused(wait_for(state, rule, ask.a, now))
    return state, verdict, detail, 0, 0
  end
  local lent = max(min(ask.b, floor(left / max(ask.d, 1))), ask.a)
  if lent == 0 then
    return state, ADMITTED, 0, 0, 0
  end
  local leases, lease_end = lend(state.leases, lent, ask.c, now)
  return { count = state.count, leases = leases }, ADMITTED, 0, lent, lease_end
end

-- Settle, which is done already, and Look.
local function nothing(state)
  return state, ADMITTED, 0, 0, 0
end
operations[3], operations[7] = nothing, nothing

-- GiveBack: a units, b when they were taken.
operations[4] = function(state, rule, ask, now)
  local count = rule.algorithm.give_back(rule, state.count, ask.a, ask.b, now)
  return { count = count, leases = state.leases }, ADMITTED, 0, 0, 0
end

-- Take: a units.
operations[5] = function(state, rule, ask, now)
  return take(state, rule, ask.a, now), ADMITTED, 0, 0, 0
end

-- Release: a the slot.
operations[6] = function(state, rule, ask, now)
  if rule.algorithm ~= slots then
    return state, ADMITTED, 0, 0, 0
  end
  return { count = slots.release(state.count, ask.a, now), leases = state.leases }, ADMITTED, 0, 0, 0
end

-- Reset. Numbers of slots do not come again all the same.
operations[8] = function(state, rule)
  local fresh = none(rule)
  if rule.algorithm == slots then
    fresh.count.last = state.count.last
  end
  return fresh, ADMITTED, 0, 0, 0
end

-- Which of them can be refused, and what changes nothing.
local CHARGE, LEASE, SETTLE, LOOK = 1, 2, 3, 7

local function step(key, rule, ask, clock)
  local state = read(redis.call('GET', key), rule)
  -- An owner's time never goes back behind what a count has seen.
  local now = max(min(clock, LARGEST), rule.algorithm.latest(state.count))
  local ended, settled
  state, ended = end_leases(state, rule, now)
  if ask.operation == LEASE or ask.operation == SETTLE then
    state, settled = settle_lease(state, rule, ask, now)
  end
  local after, verdict, detail, granted, until_ms = operations[ask.operation](state, rule, ask, now)
  return {
    rule = rule, ask = ask, now = now, before = state, told = ended or settled, after = after, verdict = verdict, detail = detail,
    granted = granted, until_ms = until_ms, can_be_refused = ask.operation == CHARGE or ask.operation == LEASE,
  }
end

local set_clock = tonumber(ARGV[1])
local clock = set_clock
if set_clock == 0 then
  local time = redis.call('TIME')
  clock = tonumber(time[1]) * 1000 + floor(tonumber(time[2]) / 1000)
end

local function store(key, state, one)
  local left = ends_in(state, one.rule, one.now)
  if left == 0 then
    redis.call('DEL', key)
  elseif set_clock == 0 then
    redis.call('SET', key, write(state, one.rule), 'PX', string.format('%.0f', one.now - clock + left))
  else
    -- Another clock than the server's says when it ends.
    redis.call('SET', key, write(state, one.rule))
  end
end

local steps, any_refused = {}, false
for index, key in ipairs(KEYS) do
  local numbers = {}
  for place = 1, 14 do
    numbers[place] = tonumber(ARGV[1 + (index - 1) * 14 + place])
  end
  local algorithm = ALGORITHMS[numbers[1]]
  local rule = algorithm.rule(unpack(numbers, 2, 6))
  rule.algorithm = algorithm
  local ask = {
    operation = numbers[7], a = numbers[8], b = numbers[9], c = numbers[10], d = numbers[11],
    until_ms = numbers[12], granted = numbers[13], used = numbers[14],
  }
  local one = step(key, rule, ask, clock)
  steps[index] = one
  any_refused = any_refused or one.can_be_refused and (one.verdict == REFUSED or one.verdict == NEVER)
end

local said = {}
for index, key in ipairs(KEYS) do
  local one = steps[index]
  -- Where one refuses none takes anything. What holders told of their leases counts all the same.
  local undone = any_refused and one.can_be_refused
  local state = undone and one.before or one.after
  if (not undone or one.told) and one.ask.operation ~= LOOK then
    store(key, state, one)
  end
  local remaining, next_ms, full_ms = standing(state, one.rule, one.now)
  local granted, until_ms = one.granted, one.until_ms
  if undone then
    granted, until_ms = 0, 0
  end
  for _, number in ipairs({ one.verdict, one.detail, remaining, next_ms, full_ms, granted, until_ms, one.now }) do
    said[#said + 1] = number
  end
end
return said
