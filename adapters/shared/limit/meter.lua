-- `algorithm/meter.rs`: GCRA and the token bucket, and `algorithm/leaky_bucket.rs`.
--
-- Each algorithm is a table of the functions of the trait `Algorithm`: of a rule, a state, which is never changed, and more. `nil` is never.

local meter = { kind = 1 }

function meter.rule(a, b, c)
  return { drain = a, unit = b, burst = c, full = b * c, scale = b }
end

function meter.none()
  return { at = 0, parts = 0 }
end

function meter.latest(level)
  return level.at
end

local function drained(rule, level, now)
  -- May be beyond, and is then more than any level.
  return { at = now, parts = without(level.parts, without(now, level.at) * rule.drain) }
end

local function raised(rule, level, units)
  local room = floor(without(LARGEST, level.parts) / rule.unit)
  return { at = level.at, parts = units > room and LARGEST or level.parts + units * rule.unit }
end

function meter.wait_for(rule, level, units, now)
  if units > rule.burst then
    return nil
  end
  -- Not the sum of both beside what is full: with debts it may be beyond.
  local room = rule.full - units * rule.unit
  return ceil(without(drained(rule, level, now).parts, room) / rule.drain)
end

function meter.take(rule, level, units, now)
  return raised(rule, drained(rule, level, now), units)
end

function meter.give_back(rule, level, units, _, now)
  local left = drained(rule, level, now)
  -- May be beyond, and is then more than any level.
  return { at = left.at, parts = without(left.parts, units * rule.unit) }
end

function meter.remaining(rule, level, now)
  return floor(without(rule.full, drained(rule, level, now).parts) / rule.unit)
end

function meter.full_ms(rule, level, now)
  return ceil(drained(rule, level, now).parts / rule.drain)
end

function meter.write(_, level)
  return { level.at, level.parts }
end

function meter.read(rule, scale, numbers, from, to)
  if to - from ~= 1 then
    return nil
  end
  local level = { at = numbers[from], parts = numbers[to] }
  if scale == rule.unit or scale == 0 then
    return level
  end
  return raised(rule, { at = level.at, parts = 0 }, ceil(level.parts / scale))
end

local bucket = {
  kind = 1, none = meter.none, latest = meter.latest, take = meter.take, give_back = meter.give_back, full_ms = meter.full_ms,
  delay_ms = meter.full_ms, write = meter.write, read = meter.read,
}

function bucket.rule(a, b, c, d)
  local rule = meter.rule(a, b, c)
  rule.most = d * a
  return rule
end

function bucket.wait_for(rule, level, _, now)
  return ceil(without(drained(rule, level, now).parts, rule.most) / rule.drain)
end

function bucket.remaining(rule, level, now)
  local parts = drained(rule, level, now).parts
  return parts > rule.most and 0 or floor((rule.most - parts) / rule.unit) + 1
end

function bucket.standing(rule, level, now)
  return bucket.remaining(rule, level, now), bucket.wait_for(rule, level, 1, now), meter.full_ms(rule, level, now)
end
