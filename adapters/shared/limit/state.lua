-- `owner/count.rs` and `owner/state.rs`.
--
-- A count, and what is out on leases: a list of pairs of an end and tokens, the earliest first. Neither is ever changed.

local ALGORITHMS = { meter, bucket, fixed, sliding, log, slots }

-- The standing of a count: what remains, when one more may be had, when all may.
local function count_standing(rule, count, now)
  local algorithm = rule.algorithm
  if algorithm.standing then
    return algorithm.standing(rule, count, now)
  end
  local remaining = algorithm.remaining(rule, count, now)
  local full_ms = algorithm.full_ms(rule, count, now)
  return remaining, algorithm.wait_for(rule, count, remaining + 1, now) or full_ms, full_ms
end

local function earlier(one, other)
  return one[1] < other[1] or one[1] == other[1] and one[2] < other[2]
end

local function none(rule)
  return { count = rule.algorithm.none(), leases = {} }
end

local function numbers_of(text)
  local numbers, count = {}, 0
  -- Each word as it is between single spaces; one at the end, so that the last is like the others.
  for word in string.gmatch(text .. ' ', '([^ ]*) ') do
    local number = string.find(word, '^%d+$') and tonumber(word)
    if not number or number > LARGEST then
      return nil
    end
    count = count + 1
    numbers[count] = number
    if count == MOST_NUMBERS then
      break
    end
  end
  return numbers
end

local function read(text, rule)
  local numbers = text and numbers_of(text)
  if not numbers or #numbers < 3 or numbers[1] ~= rule.algorithm.kind then
    return none(rule)
  end
  local first = 4 + 2 * numbers[3]
  if first > #numbers + 1 then
    return none(rule)
  end
  local count = rule.algorithm.read(rule, numbers[2], numbers, first, #numbers)
  if not count then
    return none(rule)
  end
  local leases = {}
  for index = 4, min(first - 1, 3 + 2 * MOST_LEASES), 2 do
    leases[#leases + 1] = { numbers[index], numbers[index + 1] }
  end
  table.sort(leases, earlier)
  return { count = count, leases = leases }
end

local function write(state, rule)
  local numbers = { rule.algorithm.kind, rule.scale, #state.leases }
  for _, lease in ipairs(state.leases) do
    numbers[#numbers + 1] = lease[1]
    numbers[#numbers + 1] = lease[2]
  end
  local before = #numbers
  for index, number in ipairs(rule.algorithm.write(rule, state.count)) do
    numbers[before + index] = number
  end
  for index, number in ipairs(numbers) do
    -- Shorter ones are written whole by `concat`.
    if number >= 1e14 then
      numbers[index] = string.format('%.0f', number)
    end
  end
  return table.concat(numbers, ' ')
end

local function tokens(state)
  local sum = 0
  for _, lease in ipairs(state.leases) do
    -- May be beyond only in a state that was not written here, and is then more than any count has.
    sum = sum + lease[2]
  end
  return sum
end

local function take(state, rule, units, now)
  return { count = rule.algorithm.take(rule, state.count, units, now), leases = state.leases }
end

-- The count, should every lease be used at its end.
local function projected(state, rule)
  local count = state.count
  for _, lease in ipairs(state.leases) do
    count = rule.algorithm.take(rule, count, lease[2], max(lease[1], rule.algorithm.latest(count)))
  end
  return count
end

local function last_end(state)
  local last = state.leases[#state.leases]
  return last and last[1]
end

-- In how many milliseconds it counts for nothing. May be beyond.
local function ends_in(state, rule, now)
  local last = max(last_end(state) or now, now)
  local _, _, full_ms = count_standing(rule, projected(state, rule), last)
  local left = last - now + full_ms
  if rule.algorithm == slots and state.count.last > 0 then
    -- Until its numbers cannot come again.
    left = max(left, floor(state.count.last / SLOTS_A_MS) + 1 - now)
  end
  return left
end
