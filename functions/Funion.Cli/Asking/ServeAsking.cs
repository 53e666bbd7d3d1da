using Funion.Cli.Commands;
using Funion.Client;
using Funion.Inference;
using Funion.Network;

namespace Funion.Cli.Asking;

/// <summary>Through a <c>funion serve</c> that runs on this machine: nothing shows that anything is asked.</summary>
/// <param name="link">Disposed with this.</param>
/// <param name="model">What is asked.</param>
sealed class ServeAsking(ServeLink link, ModelEntry model) : WayOfAsking(model)
{
    TimeSpan _bucket;

    public override bool HidesInputs => false;

    public override bool HasBuckets => true;

    public override IReadOnlyList<string> Stages => PlainAsking.PlainStages;

    public override Task OpenAsync(TimeSpan bucket, CancellationToken cancellation)
    {
        _bucket = bucket;
        return Task.CompletedTask;
    }

    public override async Task<InferenceAnswer> AskAsync(IReadOnlyList<Tensor> inputs, Action<ClientProgress> progress, CancellationToken cancellation)
    {
        progress(new ClientProgress("wait", 0, 1));
        return new InferenceAnswer(await link.InferAsync(Model.Name, inputs, _bucket, cancellation), null);
    }

    public override ValueTask DisposeAsync()
    {
        link.Dispose();
        return ValueTask.CompletedTask;
    }
}
