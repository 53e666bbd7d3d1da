using Funion.Cryptography;
using Funion.Network;
using Funion.Storage;
using Funion.Tokens;

namespace Funion.Tests.Tokens;

/// <summary>A wallet that outlives its process, and that others share.</summary>
public sealed class TokenFolderTests : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("funion-tokens").FullName;

    static NodeId Compute => TokenStage.Compute;

    [Fact]
    public void Tokens_are_there_for_the_next_process_and_each_is_taken_once()
    {
        byte[][] tokens = [.. Enumerable.Range(0, 8).Select(i => Filled((byte)i))];
        new TokenFolder(_root).Add(7, [.. tokens.Select(token => (Compute, token))], 7);
        TokenFolder[] processes = [new(_root), new(_root), new(_root), new(_root)];
        byte[]?[] taken = new byte[]?[16];
        Parallel.For(0, taken.Length, i => taken[i] = processes[i % processes.Length].TryTake(Compute, 7));
        Assert.Equal(tokens.Select(token => token[0]).Order(), taken.OfType<byte[]>().Select(token => token[0]).Order());
        Assert.Equal(0, processes[0].Count(Compute, 7));
        // Nothing of a token that was used is left.
        Assert.DoesNotContain(Directory.GetFiles(_root, "*", SearchOption.AllDirectories), file => File.ReadAllBytes(file).Length > 100);
    }

    [Fact]
    public void Half_a_batch_is_none_and_a_file_that_others_can_read_is_no_token()
    {
        TokenFolder wallet = new(_root);
        wallet.Add(7, [(Compute, Filled(1)), (Compute, Filled(2))], 7);
        File.Delete(Path.Combine(_root, "7", "batch"));
        Assert.False(wallet.HasBatch(7));
        Assert.Null(wallet.TryTake(Compute, 7));
        wallet.Add(7, [(Compute, Filled(1)), (Compute, Filled(2))], 7);
        Assert.Equal(2, wallet.Count(Compute, 7));
        Assert.Null(wallet.TryTake(TokenStage.Document.Gateways[0].Id, 7));
        foreach (string file in Directory.GetFiles(Path.Combine(_root, "7")).Where(file => Path.GetFileName(file).Contains('-', StringComparison.Ordinal)))
        {
            File.WriteAllBytes(file, File.ReadAllBytes(file)[1..]);
        }
        Assert.Null(wallet.TryTake(Compute, 7));
    }

    [Fact]
    public void Past_epochs_go()
    {
        TokenFolder wallet = new(_root);
        wallet.Add(7, [(Compute, Filled(1))], 7);
        wallet.Add(8, [(Compute, Filled(2))], 7);
        Assert.True(wallet.HasBatch(7));
        wallet.Add(9, [(Compute, Filled(3))], 8);
        Assert.Equal(["8", "9"], Directory.GetDirectories(_root).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Whenever_a_process_dies_between_asking_and_keeping_the_next_one_gets_the_same_batch()
    {
        OneBatchBudget budget = new(new MemoryBoxStore(), TokenStage.Count, _ => true);
        TokenIssuer issuer = new(TokenStage.Plan.Issuer!, budget.GrantAsync);
        using PendingBatch begun = PendingBatch.TryCreate(TokenStage.Document, TokenStage.Epoch)!;
        new TokenFolder(_root).Keep(begun);
        // It died with the answer in its hand.
        byte[] lost = await issuer.IssueAsync("alice", begun.Request, default);
        TokenFolder wallet = new(_root);
        using PendingBatch again = wallet.Kept(TokenStage.Document, TokenStage.Epoch)!;
        Assert.Equal(begun.Request, again.Request);
        byte[] answer = await issuer.IssueAsync("alice", again.Request, default);
        Assert.Equal(lost, answer);
        wallet.Add(again.Epoch, again.TryFinish(answer)!, again.Epoch);
        Assert.Null(wallet.Kept(TokenStage.Document, TokenStage.Epoch));
        Assert.True(Token.TryParse(wallet.TryTake(Compute, TokenStage.Epoch), out Token? token));
        Assert.Equal(TokenVerdict.Valid, token.Verify(TokenStage.Key.PublicKey, TokenStage.Challenge));
    }

    [Fact]
    public void A_batch_that_is_there_is_not_written_again()
    {
        TokenFolder first = new(_root), second = new(_root);
        first.Add(7, [(Compute, Filled(1)), (Compute, Filled(2))], 7);
        Assert.NotNull(first.TryTake(Compute, 7));
        second.Add(7, [(Compute, Filled(1)), (Compute, Filled(2))], 7);
        Assert.Equal(1, second.Count(Compute, 7));
    }

    [Fact]
    public async Task Two_processes_that_need_tokens_at_once_ask_for_one_batch_and_spend_each_token_once()
    {
        OneBatchBudget budget = new(new MemoryBoxStore(), TokenStage.Count, _ => true);
        TokenIssuer issuer = new(TokenStage.Plan.Issuer!, budget.GrantAsync);
        FixedTime time = new(TokenStage.Document.EpochStart(TokenStage.Epoch).AddHours(1));
        TaskCompletionSource asked = new(), answer = new();
        TokenFolder[] wallets = [new(_root), new(_root)];
        int requests = 0;
        async ValueTask<byte[]?> AskAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellation)
        {
            requests++;
            asked.TrySetResult();
            await answer.Task;
            return await issuer.IssueAsync("alice", batch, cancellation);
        }
        using TokenSupply first = new(wallets[0], () => TokenStage.Document, AskAsync, new Contracts.SeededRandom(1), time);
        using TokenSupply second = new(wallets[1], () => TokenStage.Document, AskAsync, new Contracts.SeededRandom(2), time);
        Task step = first.StepAsync(default).AsTask();
        await Task.WhenAny(asked.Task, step);
        await second.StepAsync(default);
        // The second waits, and does not say that there is none.
        Assert.False(second.First.IsCompleted);
        answer.SetResult();
        await step;
        time.Now += TimeSpan.FromSeconds(1);
        await second.StepAsync(default);
        Assert.Equal((IssueOutcome.Issued, IssueOutcome.Issued, 1), (await first.First, await second.First, requests));
        long epoch = TokenStage.Document.EpochAt(time.GetUtcNow());
        string[] taken = [.. Enumerable.Range(0, 2 * TokenStage.Count).Select(i => wallets[i % 2].TryTake(Compute, epoch)).OfType<byte[]>().Select(Convert.ToHexString)];
        Assert.Equal((TokenStage.Count, TokenStage.Count), (taken.Length, taken.Distinct().Count()));
    }

    [Fact]
    public async Task The_next_epoch_s_tokens_are_not_taken_for_this_one_s()
    {
        OneBatchBudget budget = new(new MemoryBoxStore(), TokenStage.Count, _ => true);
        TokenIssuer issuer = new(TokenStage.Plan.Issuer!, budget.GrantAsync);
        FixedTime time = new(TokenStage.Document.EpochStart(TokenStage.Epoch + 1).AddSeconds(-1));
        TokenFolder wallet = new(_root);
        // Another process is asking for this epoch's, and has been for long.
        using TokenSupply supply = new(
            new Held(wallet), () => TokenStage.Document, (batch, cancellation) => new(IssueAsync(batch, cancellation)), new Contracts.SeededRandom(1), time);
        async Task<byte[]?> IssueAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellation) => await issuer.IssueAsync("alice", batch, cancellation);
        for (int i = 0; i < 5; i++)
        {
            await supply.StepAsync(default);
            time.Now += TimeSpan.FromMilliseconds(200);
        }
        Assert.Equal((false, true, false), (wallet.HasBatch(TokenStage.Epoch), wallet.HasBatch(TokenStage.Epoch + 1), supply.First.IsCompleted));
    }

    [Fact]
    public async Task What_cannot_be_remembered_is_not_asked_for_later_either()
    {
        int requests = 0;
        FixedTime time = new(TokenStage.Document.EpochStart(TokenStage.Epoch).AddHours(1));
        using TokenSupply supply = new(new FullWallet(), () => TokenStage.Document, (_, _) =>
        {
            requests++;
            return ValueTask.FromResult<byte[]?>(null);
        }, new Contracts.SeededRandom(1), time);
        for (int i = 0; i < 5; i++)
        {
            await supply.StepAsync(default);
            time.Now += TimeSpan.FromMinutes(10);
        }
        Assert.Equal(0, requests);
        Assert.Null(await supply.First);
    }

    [Fact]
    public void A_batch_under_way_is_for_its_own_epoch_and_key()
    {
        TokenFolder wallet = new(_root);
        Assert.Null(wallet.Kept(TokenStage.Document, TokenStage.Epoch));
        using PendingBatch pending = PendingBatch.TryCreate(TokenStage.Document, TokenStage.Epoch)!;
        wallet.Keep(pending);
        Assert.Null(wallet.Kept(TokenStage.Document, TokenStage.Epoch + 1));
        IssuerEntry other = TokenStage.Document.Issuer! with { Keys = [new EpochKey(TokenStage.Epoch, TokenStage.NextKey.PublicKey.Encoded)] };
        Assert.Null(wallet.Kept(TokenStage.Document with { Issuer = other }, TokenStage.Epoch));
        Assert.Null(wallet.Kept(TokenStage.Document with { Issuer = null }, TokenStage.Epoch));
        string moved = Path.Combine(_root, $"{TokenStage.Epoch + 1}");
        Directory.Move(Path.Combine(_root, $"{TokenStage.Epoch}"), moved);
        Assert.Null(wallet.Kept(TokenStage.Document, TokenStage.Epoch + 1));
    }

    [Fact]
    public void An_invitation_has_one_text()
    {
        TokenInvitation made = TokenInvitation.Create();
        string text = made.ToString();
        Assert.True(TokenInvitation.TryParse(text, out TokenInvitation? read));
        Assert.Equal((text, made.Hash()), (read.ToString(), read.Hash()));
        Assert.NotEqual(made.Hash(), TokenInvitation.Create().Hash());
        // The last character has two bits more than the bytes.
        char last = text[^1], twin = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".First(c => c != last && Base64(text[..^1] + c).SequenceEqual(Base64(text)));
        foreach (string? none in (string?[])[null, "", text[1..], text + "A", text.ToUpperInvariant(), text[..^1] + twin, text[..^1] + "="])
        {
            Assert.False(TokenInvitation.TryParse(none, out _));
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>A wallet whose right is given away every other time: to whoever asks for the epoch that is now.</summary>
    sealed class Held(TokenFolder inner) : TokenWallet
    {
        int _asked;

        public override int Count(NodeId compute, long epoch) => inner.Count(compute, epoch);

        public override bool HasBatch(long epoch) => inner.HasBatch(epoch);

        public override byte[]? TryTake(NodeId compute, long epoch) => inner.TryTake(compute, epoch);

        public override void Add(long epoch, IReadOnlyList<(NodeId Compute, byte[] Token)> tokens, long keepFrom) => inner.Add(epoch, tokens, keepFrom);

        internal override IDisposable? TryBegin() => _asked++ == 0 ? null : inner.TryBegin();
    }

    sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }

    sealed class FullWallet : TokenWallet
    {
        public override int Count(NodeId compute, long epoch) => 0;

        public override bool HasBatch(long epoch) => false;

        public override byte[]? TryTake(NodeId compute, long epoch) => null;

        public override void Add(long epoch, IReadOnlyList<(NodeId Compute, byte[] Token)> tokens, long keepFrom)
        {
        }

        internal override void Keep(PendingBatch pending) => throw new IOException("The disk is full.");
    }

    static byte[] Base64(string invitation) => Convert.FromBase64String(invitation["funion-invite-".Length..].Replace('-', '+').Replace('_', '/') + "=");

    static byte[] Filled(byte with)
    {
        byte[] token = new byte[Token.Size];
        token[0] = with;
        return token;
    }
}
