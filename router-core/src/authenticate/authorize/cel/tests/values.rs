//! What expressions mean.

use super::*;

/// All that differ, at once.
fn agree(table: &[(&str, &str)]) {
    let outcomes = table.iter().map(|(text, expected)| (text, expected, outcome(text)));
    let wrong: Vec<_> = outcomes.filter(|(_, expected, found)| *expected != found).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn operators_mean_what_cel_says() {
    agree(&[
        ("1 + 2 * 3 == 7", "true"),
        ("(1 + 2) * 3 == 9", "true"),
        ("7 / 2 == 3 && -7 / 2 == -3 && 7 % -2 == 1", "true"),
        ("10 - 3 - 2 == 5", "true"),
        ("1.5 + 0.25 == 1.75", "true"),
        ("0x1F == 31", "true"),
        ("-9223372036854775808 < 0", "true"),
        ("- -5 == 5 && !!true", "true"),
        ("9223372036854775807 + 1 > 0", "Overflow"),
        ("-(-9223372036854775808) > 0", "Overflow"),
        ("-9223372036854775808 / -1 > 0", "Overflow"),
        ("1 / 0 == 1", "DivisionByZero"),
        ("1 % 0 == 1", "DivisionByZero"),
        ("1.0 / 0.0 > 1.0", "true"),
        ("0.0 / 0.0 == 0.0 / 0.0", "false"),
        ("claims.level + 0.5 == 3.5", "Type"),
        ("'a' + 'b' == 'ab' && [1] + [2] == [1, 2]", "true"),
        ("'b' > 'a' && false < true", "true"),
        ("true ? 1 == 1 : 1 / 0 == 1", "true"),
        ("false ? false : true ? false : true", "false"),
        // Numbers compare by value, and exactly.
        ("claims.level == 3.0 && claims.level < 3.5", "true"),
        ("claims.big == 9007199254740992.0", "false"),
        ("claims.mixed[0] == claims.mixed[2]", "true"),
        // Values of two types are not the same.
        ("claims.mixed[0] == claims.mixed[1]", "false"),
        ("claims.sub == claims.level", "false"),
        ("claims.sub < claims.level", "Type"),
        ("claims.nothing == null && claims.sub != null", "true"),
        ("claims.address == {'zip': '10115', 'country': 'DE'}", "true"),
        ("claims.mixed[4] == [1] && claims.mixed[5] == {'a': 1}", "true"),
    ]);
}

#[test]
fn errors_are_absorbed_by_what_decides_and_by_nothing_else() {
    agree(&[
        ("claims.none == 1 || true", "true"),
        ("true || claims.none == 1", "true"),
        ("claims.none == 1 || false", "NoSuchKey"),
        ("claims.none == 1 && false", "false"),
        ("claims.none == 1 && true", "NoSuchKey"),
        ("!(claims.none == 1)", "NoSuchKey"),
        ("claims.sub && true", "Type"),
        ("claims.sub || true", "true"),
        ("claims.none ? true : true", "NoSuchKey"),
        ("[1, 0].exists(x, 1 / x == 1)", "true"),
        ("[0, 1].exists(x, 1 / x == 1)", "true"),
        ("[0, 2].exists(x, 1 / x == 1)", "DivisionByZero"),
        ("[0, 2].all(x, 1 / x == 1)", "false"),
        ("[0, 1].all(x, 1 / x == 1)", "DivisionByZero"),
    ]);
}

#[test]
fn lists_and_maps_are_looked_into() {
    agree(&[
        ("'ops' in claims.groups && !('x' in claims.groups)", "true"),
        ("1 in claims.mixed && '1' in claims.mixed && null in claims.mixed", "true"),
        ("'sub' in claims && !('x' in claims)", "true"),
        ("'x' in claims.sub", "Type"),
        ("has(claims.address.zip) && !has(claims.address.street)", "true"),
        ("has(claims.none.street)", "NoSuchKey"),
        ("claims['https://example.com/tenant'] == 't1'", "true"),
        ("claims.groups[0] == 'staff'", "true"),
        ("claims.groups[2] == 'x'", "NoSuchItem"),
        ("claims.groups[-1] == 'x'", "NoSuchItem"),
        ("claims.groups['0'] == 'x'", "Type"),
        ("{'a': 1, 2: 'b', true: 3}[2] == 'b'", "true"),
        ("{'a': 1, 'a': 2}.size() == 1", "DuplicateKey"),
        ("size(claims.groups) == 2 && claims.sub.size() == 5 && size({}) == 0", "true"),
        ("'äöü'.size() == 3", "true"),
        ("claims.groups.all(g, g.startsWith('o') || g == 'staff')", "true"),
        ("claims.empty.all(g, false) && !claims.empty.exists(g, true)", "true"),
        ("claims.groups.exists_one(g, g.contains('p'))", "true"),
        ("claims.groups.filter(g, g != 'ops') == ['staff']", "true"),
        ("claims.groups.map(g, g + '!') == ['staff!', 'ops!']", "true"),
        ("[1, 2, 3].map(n, n > 1, n * 10) == [20, 30]", "true"),
        ("claims.address.exists(k, claims.address[k] == 'DE')", "true"),
        ("[1, 2].all(x, [3, 4].all(y, x < y))", "true"),
        ("[1].all(x, [2].all(x, x == 2) && x == 1)", "true"),
        ("[1].all(claims, claims == 1)", "true"),
        ("claims.level.all(x, true)", "Type"),
    ]);
}

#[test]
fn texts_and_times_have_their_functions() {
    agree(&[
        (r"'a\tb\u00e9\x41\101\U0001F600' == 'a	béAA😀'", "true"),
        (r#"r'\d' == "\\d""#, "true"),
        ("'''a\n'b'''.size() == 4", "true"),
        ("claims.sub.matches('^al')", "true"),
        ("matches(claims.sub, '^[a-z]{5}$') && !claims.sub.matches('^A')", "true"),
        ("'AbC'.lowerAscii() == 'abc' && 'AbC'.upperAscii() == 'ABC'", "true"),
        ("'abc'.endsWith('bc')", "true"),
        ("int('12') + int(1.9) == 13 && double('1.5') == 1.5 && string(12) == '12'", "true"),
        ("int('x') == 1", "NotConvertible"),
        ("int(1e300) == 1", "Overflow"),
        ("request.time > timestamp('2026-01-01T00:00:00Z')", "true"),
        ("request.time - timestamp('2026-11-23T10:00:00Z') < duration('1h30m')", "true"),
        ("int(request.time) == 1795428000", "true"),
        ("timestamp(0).getFullYear() == 1970 && request.time.getDayOfWeek() == 1", "true"),
        ("request.time.getHours() >= 8 && request.time.getHours() < 18", "true"),
        ("duration('90m').getHours() == 1 && duration('90m').getMinutes() == 90", "true"),
        ("timestamp('x') < request.time", "NotConvertible"),
        ("string(request.time) == '2026-11-23T10:00:00Z'", "true"),
        ("request.time + duration('99999999h') > request.time", "Overflow"),
    ]);
}

#[test]
fn variables_are_what_the_request_and_its_consumer_are() {
    agree(&[
        ("consumer.id == 'alice' && consumer.authenticator == 'my-jwt' && consumer.plan == null", "true"),
        ("has(consumer.id) && !has(consumer.plan)", "true"),
        ("consumer.issuer == 'https://issuer.test' && 'read' in consumer.scopes && consumer.roles == ['user']", "true"),
        ("identities.partner.id == 'acme' && identities['my-jwt'].claims.sub == 'alice'", "true"),
        ("has(identities.partner.claims.sub)", "false"),
        ("request.method == 'GET' && request.scheme == 'https' && request.host == 'api.test'", "true"),
        ("request.path == '/orders/42' && route.name == 'orders' && route.params.id == '42'", "true"),
        ("request.headers['x-one'] == 'a' && request.headers['x-two'] == 'b, c'", "true"),
        ("request.headers['x-none'] == 'a'", "NoSuchKey"),
        ("'x-one' in request.headers && !('x-none' in request.headers)", "true"),
        ("request.headers.exists(name, name.startsWith('x-'))", "true"),
        ("request.headers['x-bytes'] == 'a'", "Unreadable"),
        ("request.query.q == 'a b' && request.query.flag == ''", "true"),
        // Which of two the upstream takes cannot be known: neither `==` nor `!=` may let anybody in.
        ("request.query.twice == '1'", "Unreadable"),
        ("request.query.twice != '1'", "Unreadable"),
        ("request.query.broken != 'x'", "Unreadable"),
        ("'twice' in request.query", "true"),
        ("request.address == '192.0.2.7'", "true"),
    ]);
}

#[test]
fn an_anonymous_client_has_no_facts() {
    let request = Request::anonymous();
    for text in [
        "consumer.id == null && consumer.scopes == [] && !has(claims.sub) && size(claims) == 0",
        "!has(consumer.id) && identities.partner.id == null",
    ] {
        let program = compile(text).unwrap();
        let value = program.evaluate(&Values::new(request.asked()));
        assert!(matches!(value, Ok(Value::Bool(true))), "{text}: {value:?}");
    }
}
