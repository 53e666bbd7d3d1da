using Funion.Network;
using Funion.Storage;
using Funion.Tokens;

namespace Funion.Tests.Tokens;

public sealed class IssuerTests
{
    const int Count = TokenStage.Count;

    readonly MemoryBoxStore _store = new();

    [Fact]
    public async Task A_batch_is_granted_once_and_again_when_its_answer_was_lost()
    {
        TokenIssuer issuer = Issuer();
        using PendingBatch batch = Batch(), second = Batch();
        byte[] answer = await issuer.IssueAsync("alice", batch.Request, default);
        Assert.Equal(TokenBatch.Size(Count), batch.Request.Length);
        Assert.Equal(TokenBatch.AnswerSize(Count), answer.Length);
        Assert.Equal(answer, await issuer.IssueAsync("alice", batch.Request, default));
        IReadOnlyList<(NodeId Compute, byte[] Token)> tokens = batch.TryFinish(answer)!;
        Assert.Equal(Count, tokens.Select(token => Convert.ToHexString(token.Token)).Distinct().Count());
        Assert.All(tokens, token =>
        {
            Assert.True(Token.TryParse(token.Token, out Token? parsed));
            Assert.Equal(TokenVerdict.Valid, parsed.Verify(TokenStage.Key.PublicKey, TokenStage.Challenge));
        });
        // Another batch of the same client is refused, as large an answer as any; somebody else's is granted.
        byte[] refused = await issuer.IssueAsync("alice", second.Request, default);
        Assert.Equal(IssueOutcome.NotGranted, TokenBatch.OutcomeOf(refused, Count));
        Assert.Equal(answer.Length, refused.Length);
        Assert.False(refused.AsSpan(1).ContainsAnyExcept((byte)0));
        Assert.Null(second.TryFinish(refused));
        Assert.NotNull(second.TryFinish(await issuer.IssueAsync("bob", second.Request, default)));
        Assert.Equal(IssueOutcome.NotGranted, TokenBatch.OutcomeOf(await issuer.IssueAsync("mallory", batch.Request, default), Count));
    }

    [Fact]
    public async Task What_is_no_batch_for_a_key_that_is_there_has_an_outcome()
    {
        TokenIssuer issuer = Issuer();
        using PendingBatch batch = Batch();
        byte[] later = [.. batch.Request], type = [.. batch.Request], key = [.. batch.Request], over = [.. batch.Request];
        later[7] ^= 0x40;
        type[11] ^= 1;
        key[12] ^= 1;
        over.AsSpan(13, 256).Fill(0xff);
        foreach (byte[] foreign in (byte[][])[later, type, key, over])
        {
            byte[] answer = await issuer.IssueAsync("alice", foreign, default);
            Assert.Equal(IssueOutcome.UnknownKey, TokenBatch.OutcomeOf(answer, Count));
        }
        foreach (byte[] none in (byte[][])[[], batch.Request[1..], [.. batch.Request, 0], new byte[10], [.. batch.Request[..9], 0, .. batch.Request[10..]]])
        {
            byte[] answer = await issuer.IssueAsync("alice", none, default);
            Assert.Equal((byte)IssueOutcome.Malformed, Assert.Single(answer));
        }
        // Nothing of it was counted.
        Assert.NotNull(batch.TryFinish(await issuer.IssueAsync("alice", batch.Request, default)));
    }

    [Fact]
    public async Task An_answer_with_one_bad_signature_is_no_answer()
    {
        using PendingBatch batch = Batch();
        byte[] answer = await Issuer().IssueAsync("alice", batch.Request, default);
        answer[^1] ^= 1;
        Assert.Null(batch.TryFinish(answer));
        Assert.Null(batch.TryFinish(answer.AsSpan(1)));
        Assert.Null(batch.TryFinish([]));
        answer[^1] ^= 1;
        Assert.NotNull(batch.TryFinish(answer));
    }

    [Fact]
    public async Task What_was_granted_in_the_past_is_forgotten()
    {
        OneBatchBudget budget = new(_store, Count, _ => true);
        Assert.True(await budget.GrantAsync("alice", 7, Count, default, default));
        Assert.True(await budget.GrantAsync("alice", 8, Count, default, default));
        Assert.False(await budget.GrantAsync("alice", 8, Count + 1, default, default));
        await budget.ForgetBeforeAsync(8, default);
        Assert.Equal([8L], _store.ListEpochsAsync(OneBatchBudget.Shelf, default).ToBlockingEnumerable());
    }

    [Fact]
    public void Keys_survive_their_file_turn_with_the_epoch_and_are_refused_when_others_may_read_them()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory().FullName, "issuer.keys");
        using IssuerKeys keys = IssuerKeys.Generate(7, 2);
        keys.Save(path);
        Assert.Equal(KeyFileOutcome.Loaded, IssuerKeys.Load(path, out IssuerKeys? loaded));
        Assert.Equal(Ids(keys), Ids(loaded!));
        loaded!.Advance(8, 2);
        Assert.Equal([8L, 9L], loaded.Keys.Select(key => key.Epoch));
        Assert.Equal(Ids(keys)[1], Ids(loaded)[0]);
        Assert.Null(loaded.Find(7));
        // The document still names the key of the epoch before.
        IssuerEntry entry = loaded.Describe("", 4, keys.Describe("", 4));
        Assert.Equal([7L, 8L, 9L], entry.Keys.Select(key => key.Epoch));
        Assert.Equal(3, entry.Keys.Select(key => TokenKey.TryParse(key.PublicKey, out TokenKey? parsed) ? parsed.TruncatedId : -1).Distinct().Count());
        loaded.Dispose();
        byte[] file = File.ReadAllBytes(path);
        file[40] ^= 1;
        File.WriteAllBytes(path, file);
        Assert.Equal(KeyFileOutcome.Malformed, IssuerKeys.Load(path, out _));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);
            Assert.Equal(KeyFileOutcome.TooOpen, IssuerKeys.Load(path, out _));
        }
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        Assert.Equal(KeyFileOutcome.Missing, IssuerKeys.Load(path, out _));
    }

    [Fact]
    public void A_wallet_gives_each_token_once_and_forgets_the_past()
    {
        MemoryTokenWallet wallet = new();
        NodeId node = TokenStage.Compute;
        wallet.Add(7, [(node, [1]), (node, [2])], 7);
        Assert.Null(wallet.TryTake(node, 8));
        Assert.Null(wallet.TryTake(TokenStage.Document.Gateways[0].Id, 7));
        byte[]? first = wallet.TryTake(node, 7), second = wallet.TryTake(node, 7);
        Assert.NotEqual(first![0], second![0]);
        Assert.Null(wallet.TryTake(node, 7));
        Assert.True(wallet.HasBatch(7));
        wallet.Add(8, [(node, [3])], 8);
        Assert.False(wallet.HasBatch(7));
        Assert.Equal(1, wallet.Count(node, 8));
    }

    TokenIssuer Issuer()
    {
        OneBatchBudget budget = new(_store, Count, name => name is "alice" or "bob");
        return new TokenIssuer(TokenStage.Plan.Issuer!, budget.GrantAsync);
    }

    static PendingBatch Batch() => PendingBatch.TryCreate(TokenStage.Document, TokenStage.Epoch)!;

    static string[] Ids(IssuerKeys keys) => [.. keys.Keys.Select(key => Convert.ToHexString(key.PublicKey.Id))];
}
