//! What the issuer is asked (RFC 7662 section 2.1).

use std::fmt;

use http::{HeaderMap, HeaderValue, header};

use super::Rules;
use crate::authenticate::jose::base64;

/// Who the gateway is to the issuer. `Debug` shows nothing secret.
#[derive(Clone)]
pub struct Client {
    credentials: Credentials,
}

#[derive(Clone)]
enum Credentials {
    /// The whole value of `Authorization`.
    Basic(HeaderValue),
    /// What follows in the form.
    Post(String),
}

impl Client {
    /// Says who it is in `Authorization`: both parts are encoded as in a form before they are joined (RFC 6749 section 2.3.1).
    #[must_use]
    pub fn basic(id: &str, secret: &str) -> Self {
        let pair = format!("{}:{}", encoded(id), encoded(secret));
        let line = format!("Basic {}", base64::encode_standard(pair.as_bytes()));
        // Base64 is always a field value.
        let mut value = HeaderValue::try_from(line).unwrap_or_else(|_| HeaderValue::from_static("Basic"));
        value.set_sensitive(true);
        Self { credentials: Credentials::Basic(value) }
    }

    /// Says who it is in the form.
    #[must_use]
    pub fn post(id: &str, secret: &str) -> Self {
        Self { credentials: Credentials::Post(format!("&client_id={}&client_secret={}", encoded(id), encoded(secret))) }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.credentials {
            Credentials::Basic(_) => "Client(basic)",
            Credentials::Post(_) => "Client(post)",
        })
    }
}

impl Rules {
    /// The form that asks about `token`, and the fields beyond those of every question.
    #[must_use]
    pub fn question(&self, token: &str) -> (HeaderMap, String) {
        let mut form = format!("token={}&token_type_hint=access_token", encoded(token));
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        match &self.client.credentials {
            Credentials::Basic(value) => {
                headers.insert(header::AUTHORIZATION, value.clone());
            }
            Credentials::Post(rest) => form.push_str(rest),
        }
        (headers, form)
    }
}

/// `application/x-www-form-urlencoded`.
fn encoded(text: &str) -> String {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or_default();
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => encoded.push(char::from(byte)),
            b' ' => encoded.push('+'),
            _ => encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::super::tests::rules;
    use super::*;

    #[test]
    fn a_token_is_asked_about_in_a_form() {
        let (headers, form) = rules().question("a+b/c=&x");
        assert_eq!(form, "token=a%2Bb%2Fc%3D%26x&token_type_hint=access_token");
        assert_eq!(headers[header::CONTENT_TYPE], "application/x-www-form-urlencoded");
    }

    #[test]
    fn the_client_says_who_it_is_in_the_way_that_is_configured() {
        let mut rules = rules();
        rules.client = Client::basic("gate way", "s:cr%t é");
        let (headers, _) = rules.question("x");
        let expected = base64::encode_standard(b"gate+way:s%3Acr%25t+%C3%A9");
        assert_eq!(headers[header::AUTHORIZATION], format!("Basic {expected}"));
        rules.client = Client::post("gate way", "s&t");
        let (headers, form) = rules.question("x");
        assert!(!headers.contains_key(header::AUTHORIZATION));
        assert_eq!(form, "token=x&token_type_hint=access_token&client_id=gate+way&client_secret=s%26t");
    }

    #[test]
    fn nothing_secret_is_printed() {
        for client in [Client::basic("gateway", "hush"), Client::post("gateway", "hush")] {
            let rules = Rules { client, ..rules() };
            let printed = format!("{rules:?} {:?}", rules.question("x").0);
            assert!(
                !printed.contains("hush") && !printed.contains(&base64::encode_standard(b"gateway:hush")),
                "{printed}"
            );
        }
    }
}
