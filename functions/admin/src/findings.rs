//! What waits for a person: the list, and settling one.

use app::App;
use app::staff::Verdict;
use axum::extract::State;
use domain::id::FindingId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::openapi::CallerErrors;
use web::page::{ListView, PageParams};
use web::view::account::FindingView;
use web::{AdminCaller, Answer, Id, Json, PageQuery};

/// What waits for a person, newest first.
#[utoipa::path(get, path = "/v1/admin/findings", tag = "Admin", security(("bearer" = [])), params(PageParams), responses((status = 200, body = ListView<FindingView>), CallerErrors))]
pub(crate) async fn list(
    State(app): State<App>,
    AdminCaller(actor): AdminCaller,
    PageQuery(page): PageQuery,
) -> Answer<axum::Json<ListView<FindingView>>> {
    let findings = app::admin::findings(&app, &actor, page).await?;
    Ok(axum::Json(ListView::of(findings, Into::into)))
}

/// What came of an extension at WHAPI.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum VerdictWord {
    /// WHAPI did it.
    Posted,
    /// WHAPI did not.
    Void,
}

/// How a finding was settled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResolveBody {
    /// For a finding about an extension alone: what came of it at WHAPI.
    extension: Option<VerdictWord>,
}

/// A finding that was settled.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResolveAnswer {
    /// The finding.
    finding: FindingView,
}

/// Marks a finding as settled; settles the extension that it is about.
#[utoipa::path(post, path = "/v1/admin/findings/{id}/resolve", tag = "Admin", security(("bearer" = [])), params(("id" = String, Path)), request_body = ResolveBody, responses((status = 200, body = ResolveAnswer), CallerErrors))]
pub(crate) async fn resolve(
    State(app): State<App>,
    AdminCaller(actor): AdminCaller,
    Id(id): Id<FindingId>,
    Json(body): Json<ResolveBody>,
) -> Answer<axum::Json<ResolveAnswer>> {
    let verdict = body.extension.map(|word| match word {
        VerdictWord::Posted => Verdict::Posted,
        VerdictWord::Void => Verdict::Void,
    });
    let finding = app::staff::resolve(&app, &actor, &id, verdict).await?;
    Ok(axum::Json(ResolveAnswer { finding: finding.into() }))
}
