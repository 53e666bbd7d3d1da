using Funion.Cli.LocalNetwork;
using Funion.Client;
using Funion.Inference;
using Funion.Models.Digits;
using Funion.Models.Inputs;
using Funion.Network;
using Funion.Tokens;

namespace Funion.IntegrationTests;

/// <summary>A running network that demands tokens, and its issuer, over HTTP.</summary>
public sealed class TokensTests : IDisposable
{
    const int Batch = 3;

    readonly string _folder = Directory.CreateTempSubdirectory("funion-tokens").FullName;

    [Fact]
    public async Task Who_is_invited_asks_as_often_as_there_are_tokens_and_who_is_not_asks_nothing()
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromMinutes(3));
        TokenInvitation invitation = TokenInvitation.Create();
        LocalHostOptions options = new()
        {
            Listen = new Uri("http://127.0.0.1:0"), Buckets = [TimeSpan.FromSeconds(1)], MeanDelay = TimeSpan.FromMilliseconds(20), Rate = 20_000,
            Tokens = Batch, Invited = new HashSet<string> { invitation.Hash() },
        };
        await using LocalHost host = await LocalHost.StartAsync(options, deadline.Token);
        NetworkDocument document = host.Signed.Document;
        ModelEntry model = document.Model(DigitModel.Name)!;
        Tensor picture = PictureInput.TryFit(Png.TryRead(DigitModel.SamplePicture(), out _)!, model.Inputs[0], out _)!;
        for (int process = 0; process < 2; process++)
        {
            // The second finds what the first left in the folder.
            TokenFolder wallet = new(_folder);
            await using FunionSession session = new(document, new SessionOptions { Pin = host.Trusted, Wallet = wallet, Invitation = invitation });
            await session.FillWalletAsync(deadline.Token);
            InferenceAnswer answer = await session.Client.InferAsync(model.Name, [picture], TimeSpan.FromSeconds(1), null, null, deadline.Token);
            Assert.Equal(10, answer.Tensors![0].ToFloats().Length);
            Assert.Equal(Batch - 1 - process, wallet.Count(model.Compute, document.EpochAt(DateTimeOffset.UtcNow)));
        }
        await using FunionSession stranger = new(
            document, new SessionOptions { Pin = host.Trusted, Wallet = new MemoryTokenWallet(), Invitation = TokenInvitation.Create() });
        Assert.Equal(FunionError.NoToken, (await Assert.ThrowsAsync<FunionException>(() => stranger.FillWalletAsync(deadline.Token))).Error);
        Assert.Equal(FunionError.NoToken, (await Assert.ThrowsAsync<FunionException>(
            () => stranger.Client.InferAsync(model.Name, [picture], TimeSpan.FromSeconds(1), null, null, deadline.Token))).Error);
        // Somebody else with the same invitation gets no second batch.
        await using FunionSession twin = new(document, new SessionOptions { Pin = host.Trusted, Wallet = new MemoryTokenWallet(), Invitation = invitation });
        Assert.Equal(FunionError.NoToken, (await Assert.ThrowsAsync<FunionException>(() => twin.FillWalletAsync(deadline.Token))).Error);
        Assert.False(host.Running.IsCompleted);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
