using System.Net;
using Funion.Contracts;
using Funion.Hosting.Ingress;
using Funion.Storage;
using Funion.Tokens;
using Microsoft.AspNetCore.Http;

namespace Funion.Tests.Tokens;

/// <summary>What an issuer answers over HTTP.</summary>
public sealed class IssuerRoutesTests
{
    readonly VirtualTime _time = new();
    readonly TokenInvitation _invitation = TokenInvitation.Create();
    readonly IssuerRoutes _routes;

    public IssuerRoutesTests()
    {
        bool Knows(string client) => client == _invitation.Hash();
        OneBatchBudget budget = new(new MemoryBoxStore(), TokenStage.Count, Knows);
        TokenIssuer issuer = new(TokenStage.Plan.Issuer!, budget.GrantAsync);
        _routes = new IssuerRoutes(() => issuer, Knows, _time);
    }

    [Fact]
    public async Task An_invited_client_gets_its_batch_and_everybody_else_as_many_bytes()
    {
        using PendingBatch batch = Batch();
        (int status, byte[] answer) = await AskAsync(batch.Request, "Bearer " + _invitation);
        Assert.Equal(StatusCodes.Status200OK, status);
        Assert.NotNull(batch.TryFinish(answer));
        foreach (string? header in (string?[])[null, "", "Bearer ", "Bearer " + TokenInvitation.Create(), "Basic " + _invitation, _invitation.ToString(), "Bearer " + _invitation + "x"])
        {
            (status, byte[] refused) = await AskAsync(batch.Request, header);
            Assert.Equal((StatusCodes.Status200OK, IssueOutcome.NotGranted), (status, TokenBatch.OutcomeOf(refused, TokenStage.Count)));
            Assert.Equal(answer.Length, refused.Length);
        }
    }

    [Fact]
    public async Task What_is_no_batch_is_refused_by_its_rule()
    {
        using PendingBatch batch = Batch();
        string header = "Bearer " + _invitation;
        Assert.Equal(StatusCodes.Status400BadRequest, (await AskAsync(batch.Request[1..], header)).Status);
        Assert.Equal(StatusCodes.Status400BadRequest, (await AskAsync([], header)).Status);
        Assert.Equal(StatusCodes.Status400BadRequest, (await AskAsync(new byte[IssuerRoutes.LargestBody + 1], header)).Status);
        Assert.Equal(StatusCodes.Status415UnsupportedMediaType, (await AskAsync(batch.Request, header, type: "text/plain")).Status);
        Assert.Equal(StatusCodes.Status405MethodNotAllowed, (await AskAsync(batch.Request, header, method: "GET")).Status);
        Assert.Equal(StatusCodes.Status404NotFound, (await AskAsync(batch.Request, header, path: RouteTable.Packets)).Status);
    }

    [Fact]
    public async Task Many_requests_of_one_client_at_once_are_not_all_signed()
    {
        using PendingBatch batch = Batch();
        int[] statuses = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => (await AskAsync(batch.Request, "Bearer " + _invitation)).Status));
        Assert.InRange(statuses.Count(status => status == StatusCodes.Status200OK), 1, 4);
    }

    [Fact]
    public async Task Who_asks_for_the_same_batch_again_and_again_has_to_wait()
    {
        using PendingBatch batch = Batch();
        int granted = 0;
        for (int i = 0; i < 20; i++)
        {
            granted += (await AskAsync(batch.Request, "Bearer " + _invitation)).Status == StatusCodes.Status200OK ? 1 : 0;
        }
        Assert.InRange(granted, 2, 6);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(StatusCodes.Status200OK, (await AskAsync(batch.Request, "Bearer " + _invitation)).Status);
    }

    static PendingBatch Batch() => PendingBatch.TryCreate(TokenStage.Document, TokenStage.Epoch)!;

    async Task<(int Status, byte[] Body)> AskAsync(byte[] body, string? header, string method = "POST", string path = IssuerRoutes.Tokens, string type = "application/octet-stream")
    {
        DefaultHttpContext context = new();
        using MemoryStream answer = new();
        context.Request.Method = method;
        context.Request.Path = path;
        context.Request.ContentType = type;
        context.Request.ContentLength = body.Length;
        context.Request.Body = new MemoryStream(body);
        context.Request.Headers.Authorization = header;
        context.Connection.RemoteIpAddress = IPAddress.Loopback;
        context.Response.Body = answer;
        await _routes.HandleAsync(context);
        return (context.Response.StatusCode, answer.ToArray());
    }
}
