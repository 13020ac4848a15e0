//! An opaque token that its issuer explains.

use bytes::Bytes;
use http::{Method, StatusCode};
use router_core::authenticate::introspection::{Judged, MAX_ANSWER, Outcome, Rules, judge};
use router_core::authenticate::{Attempt, MemoryKey, MemoryScope, Presented, Proven, Refusal, presented};

use super::{Asking, errand, proof};
use crate::platform::{Errand, Platform};

pub(super) async fn attempt<P: Platform>(asking: &Asking<'_, P>, name: &str, rules: &Rules) -> Attempt {
    let (token, dpop) = match presented(&rules.places, asking.head) {
        Presented::Nothing => return Attempt::Absent,
        Presented::Ambiguous => return Attempt::Refused(Refusal::Ambiguous),
        Presented::Credential { text, dpop } => (text, dpop),
    };
    if !rules.takes(&token) {
        return Attempt::Refused(Refusal::Malformed);
    }
    let consumer = match explained(asking, name, rules, &token).await {
        Ok(Ok(explained)) => explained.consumer,
        Ok(Err(refusal)) => return Attempt::Refused(refusal),
        Err(undecided) => return undecided,
    };
    // Behind everything else: what a proof claims in the store is for owners of good tokens only.
    match proof::check(asking, &rules.proof, &token, dpop, consumer.claims.get("cnf")).await {
        Ok(tell) => Attempt::Proven(Box::new(Proven { consumer, tell })),
        Err(attempt) => attempt,
    }
}

/// What the issuer says of a token: remembered, or asked for.
async fn explained<P: Platform>(
    asking: &Asking<'_, P>,
    name: &str,
    rules: &Rules,
    token: &str,
) -> Result<Judged, Attempt> {
    let platform = asking.platform;
    let memory = &platform.instance().introspections;
    let key = MemoryKey::of(&asking.gateway.memory_scope, name, token.as_bytes());
    let remembered = memory.borrow_mut().recall(&key, asking.now_ms);
    if let Some(judged) = remembered {
        return Ok(judged);
    }
    let answer = match ask(asking, name, rules, token, &key).await {
        Outcome::Answered(answer) => answer,
        Outcome::Failed { reason, retry_after } => return Err(Attempt::Undecided { reason, retry_after }),
    };
    let now_ms = platform.unix_ms();
    // Whoever asked has judged it too: what is no answer has not come here.
    let judged = judge(rules, name, &answer, now_ms).map_err(|invalid| {
        let reason = format!("{}: {}", rules.endpoint, invalid.0);
        Attempt::Undecided { reason, retry_after: None }
    })?;
    memory.borrow_mut().remember(key, &judged, answer.len(), rules, now_ms);
    Ok(judged)
}

/// Asks the issuer, once for all requests with this token that wait for it.
async fn ask<P: Platform>(asking: &Asking<'_, P>, name: &str, rules: &Rules, token: &str, key: &MemoryKey) -> Outcome {
    let job = format!("introspection/{key}");
    // Without a result whoever began it is gone: then it is begun again, once.
    for _ in 0..2 {
        let question = Question {
            platform: asking.platform.clone(),
            scope: asking.gateway.memory_scope,
            name: name.to_owned(),
            rules: rules.clone(),
            token: token.to_owned(),
        };
        let told = asking.platform.single_flight(&job, question.ask()).await;
        if let Some(outcome) = told.as_ref().and_then(Outcome::decode) {
            return outcome;
        }
    }
    Outcome::Failed { reason: format!("{} was asked without a result", rules.endpoint), retry_after: None }
}

/// Statuses with which an issuer may say that it does not like this token. RFC 7662 section 2.2 has `active` for that, but not every issuer does, and
/// whoever sends such tokens must not have it left alone for everybody.
const BLAMES_TOKEN: [StatusCode; 5] = [
    StatusCode::BAD_REQUEST,
    StatusCode::PAYLOAD_TOO_LARGE,
    StatusCode::URI_TOO_LONG,
    StatusCode::UNPROCESSABLE_ENTITY,
    StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
];

/// Why there is no answer, for the log.
enum Trouble {
    /// The issuer is down, broken, or does not know the gateway.
    Issuer(String),
    /// It answers, but not for this token.
    Token(String),
}

/// A question with all that it needs, since it outlives the request that began it.
struct Question<P> {
    platform: P,
    scope: MemoryScope,
    name: String,
    rules: Rules,
    token: String,
}

impl<P: Platform> Question<P> {
    async fn ask(self) -> Bytes {
        self.outcome().await.encode()
    }

    async fn outcome(&self) -> Outcome {
        let Self { platform, scope, name, rules, .. } = self;
        let endpoint = &rules.endpoint;
        let memory = &platform.instance().introspections;
        let admitted = memory.borrow_mut().admit(scope, name, platform.unix_ms());
        if let Err(wait) = admitted {
            let reason = format!("{endpoint} is left alone because it has failed several times");
            return Outcome::Failed { reason, retry_after: Some(wait) };
        }
        let answer = self.answer().await;
        let is_up = !matches!(answer, Err(Trouble::Issuer(_)));
        memory.borrow_mut().answered(scope, name, is_up, platform.unix_ms());
        match answer {
            Ok(answer) => Outcome::Answered(answer),
            Err(Trouble::Issuer(reason) | Trouble::Token(reason)) => Outcome::Failed { reason, retry_after: None },
        }
    }

    async fn answer(&self) -> Result<Bytes, Trouble> {
        let Self { platform, name, rules, token, .. } = self;
        let endpoint = &rules.endpoint;
        let mut headers = errand::headers("application/json");
        let (more, form) = rules.question(token);
        headers.extend(more);
        let errand = Errand {
            target: endpoint.target(),
            method: Method::POST,
            path_and_query: endpoint.path_and_query().to_owned(),
            headers,
            body: form.into(),
            timeout: rules.timeout,
            max_answer: MAX_ANSWER,
        };
        let fetched = platform.fetch(errand).await;
        if fetched.as_ref().is_ok_and(|fetched| fetched.status == StatusCode::UNAUTHORIZED) {
            return Err(Trouble::Issuer(format!(
                "{endpoint} answered 401: it does not take the `client_id` and `client_secret` of this gateway"
            )));
        }
        let blames_token = fetched.as_ref().is_ok_and(|fetched| BLAMES_TOKEN.contains(&fetched.status));
        let trouble = if blames_token { Trouble::Token } else { Trouble::Issuer };
        let answer = errand::ok(endpoint, fetched).map_err(trouble)?.body;
        match judge(rules, name, &answer, platform.unix_ms()) {
            Ok(_) => Ok(answer),
            Err(invalid) => Err(Trouble::Issuer(format!("{endpoint}: {}", invalid.0))),
        }
    }
}
