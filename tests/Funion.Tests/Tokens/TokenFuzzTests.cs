using Funion.Bacap;
using Funion.Inference;
using Funion.Network;
using Funion.Tokens;

namespace Funion.Tests.Tokens;

/// <summary>Everything that reads a stranger's bytes: read or refused, never thrown at.</summary>
public sealed class TokenFuzzTests
{
    readonly Random _random = new(3);

    [Fact]
    public void Any_bytes_are_read_or_refused()
    {
        Token token = TokenStage.Issue();
        using PendingBatch batch = PendingBatch.TryCreate(TokenStage.Document, TokenStage.Epoch)!;
        byte[] answer = new byte[TokenBatch.AnswerSize(2)], response = new byte[PendingToken.ResponseSize];
        using PendingToken pending = PendingToken.TryCreate(TokenStage.Key.PublicKey, TokenStage.Challenge)!;
        WriteCapability output = WriteCapability.Create();
        byte[] job = new Job(new byte[32], "m", TimeSpan.FromSeconds(5), 1, 1, output.ToReadCapability(), output, token.ToBytes()).ToBytes();
        TokenIssuer issuer = new(TokenStage.Plan.Issuer!, (_, _, _, _, _) => ValueTask.FromResult(false));
        TokenKey key = TokenStage.Key.PublicKey;
        (byte[] Seed, Action<byte[]> Read)[] parsers =
        [
            (token.ToBytes(), bytes => _ = Token.TryParse(bytes, out Token? read) && read.Verify(key, TokenStage.Challenge) == TokenVerdict.Valid),
            (key.Encoded, bytes => _ = TokenKey.TryParse(bytes, out _)),
            (TokenChallenge.ForJob("local", 7, TokenStage.Compute).ToBytes(), bytes => _ = TokenChallenge.TryParse(bytes, out TokenChallenge? read) ? read.ToBytes() : []),
            (batch.Request, bytes => _ = TokenBatch.TryRead(bytes)),
            (batch.Request, bytes => Assert.True(issuer.IssueAsync("x", bytes, default).AsTask().IsCompletedSuccessfully)),
            (answer, bytes => _ = batch.TryFinish(bytes)),
            (response, bytes => pending.TryFinish(bytes, out _)),
            (pending.Request, bytes => PendingToken.IsRequestFor(key, bytes)),
            (job, bytes => _ = Job.TryParse(bytes, out _)),
        ];
        foreach ((byte[] seed, Action<byte[]> read) in parsers)
        {
            for (int trial = 0; trial < 1_500; trial++)
            {
                byte[] bytes = Mutate(seed);
                Assert.Null(Record.Exception(() => read(bytes)));
            }
        }
    }

    [Fact]
    public void Any_key_file_is_read_or_refused()
    {
        byte[] body = TokenStage.Plan.Issuer!.Write();
        Assert.True(IssuerKeys.TryRead(body, out IssuerKeys? same));
        same.Dispose();
        for (int trial = 0; trial < 300; trial++)
        {
            byte[] bytes = Mutate(body);
            Assert.Null(Record.Exception(() =>
            {
                if (IssuerKeys.TryRead(bytes, out IssuerKeys? keys))
                {
                    keys.Dispose();
                }
            }));
        }
        Assert.False(IssuerKeys.TryRead([], out _));
        Assert.False(IssuerKeys.TryRead([.. body, 0], out _));
    }

    [Fact]
    public void A_token_in_a_job_is_whole_or_the_job_is_none()
    {
        WriteCapability output = WriteCapability.Create();
        Job plain = new(new byte[32], "m", TimeSpan.FromSeconds(5), 1, 1, output.ToReadCapability(), output);
        byte[] paid = (plain with { Token = TokenStage.Issue().ToBytes() }).ToBytes(), free = plain.ToBytes();
        Assert.Equal(free.Length + Token.Size, paid.Length);
        Assert.True(Job.TryParse((byte[])[.. paid, 0, 0], out Job? read));
        Assert.Equal(paid, read.ToBytes());
        Assert.True(Job.TryParse((byte[])[.. free, .. new byte[400]], out Job? unpaid));
        Assert.True(unpaid.Token.IsEmpty);
        Assert.False(Job.TryParse(paid.AsMemory(0, paid.Length - 1), out _));
        Assert.False(Job.TryParse((byte[])[.. paid, 1], out _));
        Assert.False(Job.TryParse((byte[])[.. free, 0, 1, .. new byte[400]], out _));
        Assert.False(Job.TryParse((byte[])[.. free, .. new byte[400], 1], out _));
    }

    byte[] Mutate(byte[] seed)
    {
        byte[] bytes = [.. seed];
        for (int flips = _random.Next(1, 6); flips > 0; flips--)
        {
            bytes[_random.Next(2) == 0 ? _random.Next(Math.Min(16, bytes.Length)) : _random.Next(bytes.Length)] = (byte)_random.Next(256);
        }
        return _random.Next(4) switch
        {
            0 => bytes[.._random.Next(bytes.Length)],
            1 => [.. bytes, .. new byte[_random.Next(40)]],
            _ => bytes,
        };
    }
}
