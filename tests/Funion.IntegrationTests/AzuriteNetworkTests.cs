using System.Diagnostics;
using System.Text.Json.Nodes;
using Funion.Cli;
using Funion.Cli.LocalNetwork;
using Funion.Client;
using Funion.Inference;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Models.Inputs;
using Funion.Network;

namespace Funion.IntegrationTests;

/// <summary>The tool as people start it, over the storage emulator: its numbers are the model's own, and it survives being killed.</summary>
public sealed class AzuriteNetworkTests : IAsyncLifetime
{
    readonly string _folder = Directory.CreateTempSubdirectory("funion-azurite-").FullName;
    readonly Uri _address = MemoryNetworkFixture.FreeAddress();
    Process? _up;

    string Document => Path.Combine(_folder, "network.json");

    [Fact]
    public async Task Killed_in_the_middle_of_a_question_and_started_again_it_still_answers()
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromMinutes(8));
        await StartAsync(deadline.Token);
        Assert.True(SignedNetworkDocument.TryParse(await File.ReadAllBytesAsync(Document, deadline.Token), out SignedNetworkDocument? signed));
        await using FunionSession session = new(signed.Document);
        ModelEntry model = signed.Document.Model(DigitModel.Name)!;
        Tensor picture = PictureInput.TryFit(Png.TryRead(DigitModel.SamplePicture(), out _)!, model.Inputs[0], out _)!;
        TaskCompletionSource waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<InferenceAnswer> asked = session.Client.InferAsync(
            model.Name, [picture], TimeSpan.FromMilliseconds(model.BucketsMilliseconds[0]), progress =>
            {
                if (progress.Stage == "wait")
                {
                    waiting.TrySetResult();
                }
            }, null, deadline.Token);
        await Task.WhenAny(waiting.Task, asked).WaitAsync(deadline.Token);
        Assert.False(asked.IsCompleted);

        _up!.Kill();
        await _up.WaitForExitAsync(deadline.Token);
        await StartAsync(deadline.Token);
        Assert.Equal(signed.ToBytes(), await File.ReadAllBytesAsync(Document, deadline.Token));

        InferenceAnswer answer = await asked;
        using ModelRunner runner = ModelRunner.Load(DigitModel.File());
        float[] direct = runner.RunDirect([picture])[0].ToFloats();
        Assert.All(direct.Zip(answer.Tensors![0].ToFloats()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_up is { HasExited: false })
        {
            _up.Kill();
            await _up.WaitForExitAsync();
        }
        _up?.Dispose();
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // The emulator is still writing its last state.
        }
    }

    async Task StartAsync(CancellationToken cancellation)
    {
        string state = Path.Combine(_folder, "state"), tool = typeof(LocalHost).Assembly.Location;
        ProcessStartInfo start = new("dotnet")
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
            ArgumentList =
            {
                tool, "up", "--store", "azurite", "--state", state, "--listen", _address.Authority, "--bucket", "10s", "--mean-delay", "50ms", "--rate", "4/s",
                "--network", Document,
            },
        };
        for (int attempt = 0; ; attempt++)
        {
            _up = Process.Start(start)!;
            string? ready = await _up.StandardOutput.ReadLineAsync(cancellation);
            if (ready is not null && JsonNode.Parse(ready)?["ready"]?.GetValue<bool>() == true)
            {
                return;
            }
            // The emulator of the process that was killed may take a moment to let go of its state.
            Assert.True(attempt < 5, await _up.StandardError.ReadToEndAsync(cancellation));
            await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
        }
    }
}
