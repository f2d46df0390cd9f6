//! WHAPI's webhooks of one channel, with the secret that we gave WHAPI for it.

use app::App;
use domain::Timestamp;
use domain::id::ChannelId;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use store::Keyring;

use crate::Result;
use crate::world::World;

/// Makes the webhooks of one channel.
pub struct Hook {
    channel: ChannelId,
    channel_ref: String,
    header: String,
    now: Timestamp,
}

impl Hook {
    /// For a channel by our id and WHAPI's.
    ///
    /// # Errors
    /// When the keyring cannot be read.
    pub async fn new(app: &App, channel: &ChannelId, channel_ref: String) -> Result<Self> {
        let keyring = Keyring::parse(app.secrets.keyring(app.now()).await?.expose())?;
        let (key, secret) = keyring.webhook_secret(channel.as_str())?;
        Ok(Self { channel: channel.clone(), channel_ref, header: format!("{key}.{}", secret.expose()), now: app.now() })
    }

    /// A message that came in, another one for each number.
    pub fn message(&self, world: &World, number: usize) -> RequestBuilder {
        let message = json!({
            "id": format!("BENCH.{number:012}"), "from_me": false, "type": "text", "chat_id": "97336000000@s.whatsapp.net",
            "timestamp": self.now.as_second(), "from": "97336000000", "from_name": "A customer",
            "text": { "body": "Good morning, is my order ready? I could pass by before noon." },
        });
        let event = json!({ "messages": [message], "event": { "type": "messages", "event": "post" }, "channel_id": self.channel_ref });
        let path = format!("/v1/webhooks/whapi/channels/{}", self.channel);
        world.request(Method::POST, &path).header(app::inbox::WHAPI_HEADER, &self.header).json(&event)
    }
}
