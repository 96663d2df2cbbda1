"""The stand-in behaves towards the real supabase-py as a project does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from postgrest.exceptions import APIError
from supabase import AsyncClient, AsyncClientOptions, acreate_client
from supabase_auth.errors import AuthApiError, AuthRetryableError

from tests.database import Database
from tests.hosted.factors import totp
from tests.hosted.project import Fault, HostedProject

pytestmark = pytest.mark.filterwarnings("ignore:The '.*' parameter is deprecated")  # supabase's own use of postgrest


@pytest.fixture
async def project(database: Database) -> AsyncIterator[HostedProject]:
    async with HostedProject(database) as project:
        await project.create_user("ada@example.org", "correct horse", name="Ada")
        yield project


async def client(project: HostedProject) -> AsyncClient:
    options = AsyncClientOptions(auto_refresh_token=False)
    return await acreate_client(project.url, project.publishable_key, options)


async def signed_in(project: HostedProject) -> AsyncClient:
    made = await client(project)
    await made.auth.sign_in_with_password({"email": "ada@example.org", "password": "correct horse"})
    return made


async def test_a_token_buys_a_ticket_that_the_database_knows(project: HostedProject) -> None:
    signed = await signed_in(project)
    told: Any = (await signed.rpc("open_database_session").execute()).data
    connection = await project.database.client(ticket=told["ticket"])
    ada = project.people.by_email("ada@example.org")
    assert ada is not None
    assert await connection.fetchval("select private.current_user_id()") == ada.id
    await signed.rpc("close_database_session").execute()
    assert await connection.fetchval("select private.current_user_id()") is None
    assert told["ticket"] in project.secrets


async def test_strangers_and_spent_sessions_get_no_ticket(project: HostedProject) -> None:
    with pytest.raises(APIError) as nobody:
        await (await client(project)).rpc("open_database_session").execute()
    assert nobody.value.code == "42501"
    signed = await signed_in(project)
    session = await signed.auth.get_session()
    assert session is not None
    project.skew = 4000
    with pytest.raises(APIError, match="JWT expired") as late:
        await signed.rpc("open_database_session").execute()
    assert late.value.code == "PGRST303"
    project.skew = 0
    await signed.auth.admin.sign_out(session.access_token)
    with pytest.raises(APIError, match="not signed in"):
        await signed.rpc("open_database_session").execute()


async def test_named_arguments_and_errors_of_functions(project: HostedProject) -> None:
    signed = await signed_in(project)
    assert (await signed.rpc("my_invitations").execute()).data == []
    with pytest.raises(APIError) as unknown:
        await signed.rpc("my_invitations", {"nonsense": 1}).execute()
    assert unknown.value.code == "PGRST202"
    with pytest.raises(APIError) as missing:
        await signed.rpc("accept_invitation", {"invitation_id": 7}).execute()
    assert missing.value.code is not None


async def test_a_refresh_token_is_good_for_once(project: HostedProject) -> None:
    project.reuse_interval, project.parent_tolerated = 0, False
    signed = await signed_in(project)
    session = await signed.auth.get_session()
    assert session is not None
    first = session.refresh_token
    second = (await signed.auth.refresh_session(first)).session
    assert second is not None
    for token in (first, second.refresh_token):
        with pytest.raises(AuthApiError) as used:
            await signed.auth.refresh_session(token)
        assert used.value.code == "refresh_token_already_used"


async def test_a_second_factor(project: HostedProject) -> None:
    signed = await signed_in(project)
    made = await signed.auth.mfa.enroll({"factor_type": "totp", "friendly_name": "phone", "issuer": "tripsage"})
    assert made.totp is not None
    with pytest.raises(AuthApiError, match="Invalid TOTP"):
        await signed.auth.mfa.challenge_and_verify({"factor_id": made.id, "code": "000000x"})
    await signed.auth.mfa.challenge_and_verify({"factor_id": made.id, "code": totp(made.totp.secret)})
    level = await signed.auth.mfa.get_authenticator_assurance_level()
    assert (level.current_level, level.next_level) == ("aal2", "aal2")
    again = await signed_in(project)
    level = await again.auth.mfa.get_authenticator_assurance_level()
    assert (level.current_level, level.next_level) == ("aal1", "aal2")


@pytest.mark.parametrize("fault", [Fault(reset=True), Fault(cut=0), Fault(cut=40), Fault(cut=400), Fault(503, {})])
async def test_faults_reach_the_client(project: HostedProject, fault: Fault) -> None:
    made = await client(project)
    project.faults.add("POST", "/auth/v1/token?grant_type=password", fault)
    with pytest.raises(AuthRetryableError):
        await made.auth.sign_in_with_password({"email": "ada@example.org", "password": "correct horse"})
    assert fault.met == 1
    assert (await made.auth.sign_in_with_password({"email": "ada@example.org", "password": "correct horse"})).session


async def test_the_gateway_wants_the_projects_key(project: HostedProject) -> None:
    async with httpx.AsyncClient() as http:
        assert (await http.get(f"{project.url}/auth/v1/settings")).status_code == 401
        assert (await http.get(f"{project.url}/auth/v1/settings", headers={"apikey": "x"})).status_code == 401
